package org.align4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class InterruptTest {
    private static final int INT = 2;
    private static final int TERM = 15;
    private static final String LINE = "stopping after this step; once more to quit at once";

    private final List<String> printed = new ArrayList<>();
    private final List<Integer> exits = new ArrayList<>();
    private final Interrupt interrupt = new Interrupt(printed::add, exits::add);

    @Test
    void nothingIsRequestedAtFirst() {
        assertThat(interrupt.requested()).isFalse();
        assertThat(interrupt.exitCode()).isZero();
    }

    @Test
    void theFirstAsksAndTheSecondExits() {
        interrupt.arrived(INT);
        assertThat(interrupt.requested()).isTrue();
        assertThat(interrupt.exitCode()).isEqualTo(130);
        assertThat(printed).containsExactly(LINE);
        assertThat(exits).isEmpty();

        interrupt.arrived(TERM);
        assertThat(exits).containsExactly(143);
        assertThat(interrupt.exitCode()).isEqualTo(130);
        assertThat(printed).hasSize(1);
    }

    /** With real signals. TERM, because children of a shell's background jobs ignore INT; by the handle, which leaves the pipes open. */
    @Test
    void aProcessThatIsAskedEndsItsStepAndOneThatIsAskedTwiceDoesNot() throws Exception {
        Process patient = start("stops");
        try (BufferedReader out = patient.inputReader()) {
            assertThat(out.readLine()).isEqualTo("ready");
            patient.toHandle().destroy();
            assertThat(out.readLine()).isEqualTo(LINE);
            assertThat(out.readLine()).isEqualTo("saved");
            assertThat(exitCode(patient)).isEqualTo(143);
        }
        Process stubborn = start("never stops");
        try (BufferedReader out = stubborn.inputReader()) {
            assertThat(out.readLine()).isEqualTo("ready");
            stubborn.toHandle().destroy();
            assertThat(out.readLine()).isEqualTo(LINE);
            stubborn.toHandle().destroy();
            assertThat(exitCode(stubborn)).isEqualTo(143);
            assertThat(out.readLine()).isNull();
        }
    }

    private static Process start(String arg) throws IOException {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        return new ProcessBuilder(
                        java, "-cp", System.getProperty("java.class.path"), SteppingProgram.class.getName(), arg)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private static int exitCode(Process process) throws InterruptedException {
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        return process.exitValue();
    }

    /** Takes steps until it is asked to stop, or for ever. */
    static final class SteppingProgram {
        private SteppingProgram() {}

        public static void main(String[] args) throws InterruptedException {
            Interrupt interrupt = Interrupt.install(System.out::println);
            System.out.println("ready");
            while (!interrupt.requested() || args[0].equals("never stops")) {
                Thread.sleep(10);
            }
            System.out.println("saved");
            System.exit(interrupt.exitCode());
        }
    }
}
