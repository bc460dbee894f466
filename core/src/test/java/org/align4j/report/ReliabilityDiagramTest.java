package org.align4j.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.StringReader;
import javax.xml.parsers.DocumentBuilderFactory;
import org.align4j.train.Calibration;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

class ReliabilityDiagramTest {
    @Test
    void isWellFormedAndDrawsEveryBinThatHasPairsInItsPlace() throws Exception {
        Calibration calibration = new Calibration();
        double sure = Math.log(0.93 / 0.07);
        for (int i = 0; i < 4; i++) {
            calibration.add(i < 3 ? sure : -sure, 1);
        }
        calibration.add(0, 2);
        String svg = ReliabilityDiagram.svg(calibration);

        Document document = DocumentBuilderFactory.newDefaultInstance()
                .newDocumentBuilder()
                .parse(new InputSource(new StringReader(svg)));
        assertThat(document.getDocumentElement().getAttribute("xmlns")).isEqualTo("http://www.w3.org/2000/svg");
        assertThat(svg).doesNotContain("href", "url(", "script", "NaN");
        assertThat(svg).contains("6 pairs, expected calibration error 0.120", "4.0 pairs: 0.930 sure, 0.750 right");
        NodeList circles = document.getElementsByTagName("circle");
        assertThat(circles.getLength()).isEqualTo(2);
        Element surer = (Element) circles.item(1);
        // 300 wide for 0.5 … 1 from 60, 300 high for 0 … 1 from 40
        assertThat(surer.getAttribute("cx")).isEqualTo("318.0");
        assertThat(surer.getAttribute("cy")).isEqualTo("115.0");
        Element bar = (Element) ((Element) circles.item(1)).getParentNode();
        assertThat(bar.getElementsByTagName("rect").getLength()).isEqualTo(6); // paper, frame and two a bin
    }
}
