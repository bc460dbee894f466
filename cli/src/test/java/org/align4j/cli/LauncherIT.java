package org.align4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.align4j.cli.Launcher.Result;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The shell script at the root: which Java, when to build, and what comes through. */
class LauncherIT {
    @TempDir
    Path scratch;

    private Launcher launcher;

    @BeforeEach
    void launcher() throws IOException {
        launcher = Launcher.of(Launcher.ofCheckout(), scratch)
                .with("ALIGN4J_JAR", Launcher.echoJar(scratch.resolve("echo.jar")));
    }

    @Test
    void runsTheBuiltJarThroughSymlinksAndWithoutWarnings() throws Exception {
        Path bin = Files.createDirectories(scratch.resolve("a folder/bin"));
        Files.createSymbolicLink(bin.resolve("direct"), Launcher.ofCheckout());
        Files.createSymbolicLink(bin.resolve("align4j"), Path.of("direct"));
        Result result =
                Launcher.of(bin.resolve("align4j"), scratch).withThisJava().run("--version");
        Files.delete(bin.resolve("direct")); // JUnit warns about links that lead outside
        assertThat(result.err()).isEmpty();
        assertThat(result.exitCode()).isZero();
    }

    @Test
    void passesArgumentsEnvironmentAndExitCode() throws Exception {
        Result result = launcher.withThisJava().run("2", "two words", "*", "");
        assertThat(result)
                .isEqualTo(new Result(2, "2\ntwo words\n*\n\nOMP_WAIT_POLICY=passive\nALIGN4J_TTY=null\n", ""));
    }

    @Test
    void takesTextsForUtf8WhereNoLocaleIsSet() throws Exception {
        Launcher shown = launcher.withThisJava().with("ALIGN4J_JAVA_OPTS", "-XshowSettings:properties");
        assertThat(shown.run().err()).contains("native.encoding = UTF-8");
        assertThat(shown.with("LANG", "POSIX").run().err()).contains("native.encoding = UTF-8");
    }

    @Test
    void keepsAWaitPolicyThatIsSet() throws Exception {
        Result result =
                launcher.withThisJava().with("OMP_WAIT_POLICY", "active").run();
        assertThat(result.out()).startsWith("OMP_WAIT_POLICY=active\n");
    }

    @Test
    void givesTheJvmMoreOptions() throws Exception {
        Result result = launcher.withThisJava()
                .with("ALIGN4J_JAVA_OPTS", "-Xmx64m -XshowSettings:vm")
                .run();
        assertThat(result.err()).contains("Max. Heap Size: 64.00M");
    }

    @Test
    void saysWhatToInstallWhereThereIsNoJava() throws Exception {
        assertThat(launcher.run("--version")).isEqualTo(new Result(1, "", "align4j: no Java found; " + ADVICE + "\n"));
    }

    @Test
    void saysWhatItFoundWhereJavaIsTooOld() throws Exception {
        Path jdk11 = jdk("jdk-11", "11.0.27");
        assertThat(launcher.with("JAVA_HOME", jdk11).run())
                .isEqualTo(new Result(
                        1, "", "align4j: found only Java 11 in " + jdk11 + ", needs 17 or newer; " + ADVICE + "\n"));
        Path jdk8 = jdk("jdk-8", "1.8.0_452");
        assertThat(launcher.with("ALIGN4J_JAVA_HOME", jdk8).run().err()).contains("found only Java 8 in " + jdk8);
    }

    @Test
    void asksAJavaWithoutAReleaseFile() throws Exception {
        Path jdk = scratch.resolve("jdk");
        Launcher.script(jdk.resolve("bin/java"), "echo 'openjdk version \"16.0.2\" 2021-07-20' >&2\n");
        assertThat(launcher.with("JAVA_HOME", jdk).run().err()).contains("found only Java 16 in " + jdk);
    }

    @Test
    void passesOverAnOldJavaForANewerOne() throws Exception {
        Path jdks = scratch.resolve("jdks");
        jdk("jdks/old", "11.0.27");
        jdk("jdks/this", "99.0.1");
        Launcher.script(jdks.resolve("this/bin/java"), "echo ran 99\n");
        Result result = launcher.with("JAVA_HOME", jdks.resolve("old"))
                .with("ALIGN4J_JDK_FOLDERS", "/nonexistent:" + jdks)
                .run();
        assertThat(result).isEqualTo(new Result(0, "ran 99\n", ""));
    }

    @Test
    void followsTheJavaOnThePath() throws Exception {
        // A link, as /usr/bin/java is on Debian.
        Path home = Path.of(System.getProperty("java.home"));
        Files.createSymbolicLink(scratch.resolve("tools/java"), home.resolve("bin/java"));
        assertThat(launcher.run("3").exitCode()).isEqualTo(3);
        // A script that hides the JDK, as version managers put on the PATH.
        Files.delete(scratch.resolve("tools/java"));
        Launcher.script(scratch.resolve("tools/java"), "exec '" + home + "/bin/java' \"$@\"\n");
        assertThat(launcher.run("3").exitCode()).isEqualTo(3);
    }

    @Test
    void saysThatANamedJarOrJdkIsMissing() throws Exception {
        assertThat(launcher.with("ALIGN4J_JAR", "/nonexistent.jar").run().err())
                .isEqualTo("align4j: ALIGN4J_JAR: no file /nonexistent.jar; name a jar, or unset it to build one\n");
        assertThat(launcher.with("ALIGN4J_JAVA_HOME", "/nonexistent").run().err())
                .isEqualTo("align4j: ALIGN4J_JAVA_HOME: no bin/java in /nonexistent;"
                        + " name the folder of a JDK 17 or newer, or unset it\n");
    }

    private static final String ADVICE =
            "install a JDK 17 or newer (Debian and Ubuntu: apt install openjdk-17-jdk; macOS: brew install openjdk;"
                    + " others: Eclipse Temurin), or set JAVA_HOME to one";

    /** A folder that looks like a JDK of a version. */
    private Path jdk(String name, String version) throws IOException {
        Path home = scratch.resolve(name);
        Launcher.script(home.resolve("bin/java"), "exit 9\n");
        Files.writeString(home.resolve("release"), "IMPLEMENTOR=\"Someone\"\nJAVA_VERSION=\"" + version + "\"\n");
        return home;
    }
}
