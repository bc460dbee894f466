package org.align4j.data;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** All rows but the last are what TRL 1.16's {@code extract_prompt} returns; there it finds the prompt "b". */
class ImplicitPromptTest {

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '"',
            ignoreLeadingAndTrailingWhitespace = false,
            value = {
                "The sky is blue.,The sky is green.,The sky is, blue., green.",
                "abc,abd,ab,c,d",
                "a  b,a  c,a , b, c",
                "yes,yes sir,ye,s,s sir",
                "yes sir,yes,ye,s sir,s",
                "a ,a b,a,\" \", b",
                "a,ab,\"\",a,ab",
                "x😀y,x😁y,x,😀y,😁y",
                "x😀,x😀y,x,😀,😀y",
                " b, c,\"\", b, c",
                "b,c,\"\",b,c",
                "b ,c,\"\",b ,c",
            })
    void splitsWhereTheTextsPart(
            String chosen, String rejected, String prompt, String restChosen, String restRejected) {
        assertThat(ImplicitPrompt.split(chosen, rejected))
                .isEqualTo(new ImplicitPrompt(prompt, restChosen, restRejected));
    }
}
