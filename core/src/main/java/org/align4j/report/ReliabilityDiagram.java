package org.align4j.report;

import java.util.Locale;
import org.align4j.train.Calibration;

/**
 * A reliability diagram (DeGroot and Fienberg 1983; Guo et al. 2017, figure 1): how often a reward model prefers the better
 * completion, over how sure it is of it. On the dashed line it is as often right as it says; bars below are overconfidence.
 * The grey bars at the bottom say how many pairs there are.
 */
public final class ReliabilityDiagram {
    private static final int SIDE = 300;
    private static final int LEFT = 60;
    private static final int TOP = 40;
    private static final int COUNTS = 60; // height of the lower part

    private final StringBuilder out = new StringBuilder();

    private ReliabilityDiagram() {}

    /** A picture that needs no other file: SVG 1.1. */
    public static String svg(Calibration calibration) {
        ReliabilityDiagram diagram = new ReliabilityDiagram();
        diagram.draw(calibration);
        return diagram.out.toString();
    }

    private void draw(Calibration calibration) {
        int width = LEFT + SIDE + 20;
        int height = TOP + SIDE + COUNTS + 60;
        add(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\""
                        + " font-size=\"12\" text-anchor=\"middle\">",
                width, height);
        add("<rect width=\"%d\" height=\"%d\" fill=\"white\"/>", width, height);
        add(
                "<text x=\"%d\" y=\"24\" font-size=\"14\">%.0f pairs, expected calibration error %.3f</text>",
                LEFT + SIDE / 2, calibration.weight(), calibration.expectedError());
        double most = calibration.bins().stream()
                .mapToDouble(Calibration.Bin::weight)
                .max()
                .orElse(0);
        for (Calibration.Bin bin : calibration.bins()) {
            if (bin.weight() > 0) {
                bar(bin, x(bin.from()), x(bin.to()), most);
            }
        }
        axes();
        add("</svg>");
    }

    private void bar(Calibration.Bin bin, double from, double to, double most) {
        String tip = String.format(
                Locale.ROOT, "%.1f pairs: %.3f sure, %.3f right", bin.weight(), bin.confidence(), bin.accuracy());
        rect(from, y(bin.accuracy()), to, y(0), "#4c78a8", tip);
        double bottom = TOP + SIDE + COUNTS;
        rect(from, bottom - (COUNTS - 15) * bin.weight() / most, to, bottom, "#bbbbbb", tip);
        add("<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3\" fill=\"#e45756\"/>", x(bin.confidence()), y(bin.accuracy()));
    }

    private void rect(double left, double top, double right, double bottom, String colour, String tip) {
        add(
                "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"%s\" stroke=\"white\"><title>%s</title></rect>",
                left, top, right - left, bottom - top, colour, tip);
    }

    private void axes() {
        add(
                "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"black\" stroke-dasharray=\"4\"/>",
                x(0.5), y(0.5), x(1), y(1));
        add(
                "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"none\" stroke=\"black\"/>",
                LEFT, TOP, SIDE, SIDE);
        for (int tick = 0; tick <= 10; tick += 2) {
            add("<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%.1f</text>", LEFT - 6, y(tick / 10.0) + 4, tick / 10.0);
        }
        for (int tick = 5; tick <= 10; tick++) {
            add("<text x=\"%.1f\" y=\"%d\">%.1f</text>", x(tick / 10.0), TOP + SIDE + COUNTS + 18, tick / 10.0);
        }
        add(
                "<text x=\"%d\" y=\"%d\">how sure it is: σ(|difference of rewards|)</text>",
                LEFT + SIDE / 2, TOP + SIDE + COUNTS + 40);
        add("<text transform=\"translate(18 %d) rotate(-90)\">how often it is right</text>", TOP + SIDE / 2);
    }

    private static double x(double confidence) {
        return LEFT + SIDE * (confidence - 0.5) * 2;
    }

    private static double y(double accuracy) {
        return TOP + SIDE * (1 - accuracy);
    }

    private void add(String format, Object... values) {
        out.append(String.format(Locale.ROOT, format, values)).append('\n');
    }
}
