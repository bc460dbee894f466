package org.align4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import org.align4j.cli.Launcher.Result;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When the launcher builds, with a Maven that only notes that it ran. */
class LauncherBuildIT {
    private static final String BUILDING = "align4j: building (about a minute the first time)...\n";
    private static final String ECHO = "OMP_WAIT_POLICY=passive\nALIGN4J_TTY=null\n";

    @TempDir
    Path scratch;

    private Path checkout;
    private Path source;
    private Launcher launcher;

    /** A checkout with one source, older than any jar. */
    @BeforeEach
    void checkout() throws IOException {
        checkout = scratch.resolve("checkout");
        source = checkout.resolve("core/src/main/java/A.java");
        Files.createDirectories(source.getParent());
        Files.createDirectories(checkout.resolve("cli"));
        Files.writeString(checkout.resolve("pom.xml"), "<project/>");
        Files.writeString(source, "class A {}");
        Files.copy(Launcher.ofCheckout(), checkout.resolve("align4j"));
        for (Path path :
                List.of(checkout.resolve("pom.xml"), source, source.getParent(), checkout.resolve("core/src/main"))) {
            Files.setLastModifiedTime(path, FileTime.from(Instant.now().minusSeconds(60)));
        }
        launcher = Launcher.of(checkout.resolve("align4j"), scratch).withThisJava();
        Launcher.echoJar(scratch.resolve("echo.jar"));
        maven("3.8.7", "cp ../echo.jar cli/target/align4j-cli.jar");
    }

    @Test
    void buildsOnceAndAgainAfterAChange() throws Exception {
        assertThat(launcher.run()).isEqualTo(new Result(0, ECHO, BUILDING));
        assertThat(launcher.run()).isEqualTo(new Result(0, ECHO, ""));
        assertThat(builds()).isEqualTo(List.of("-q -B -DskipTests package"));

        Files.setLastModifiedTime(source, FileTime.from(Instant.now().plusSeconds(1)));
        assertThat(launcher.run().err()).isEqualTo(BUILDING);
        assertThat(builds()).hasSize(2);
    }

    @Test
    void noticesASourceThatWasDeleted() throws Exception {
        launcher.run();
        Thread.sleep(20);
        Files.delete(source);
        assertThat(launcher.run().err()).isEqualTo(BUILDING);
    }

    @Test
    void showsTheEndOfTheLogOfAFailedBuild() throws Exception {
        maven("3.9.9", "echo '[ERROR] A.java:[1,2] no good'; exit 1");
        Path log = checkout.resolve("cli/target/align4j-build.log");
        assertThat(launcher.run())
                .isEqualTo(new Result(
                        1,
                        "",
                        BUILDING + "[ERROR] A.java:[1,2] no good\nalign4j: the build failed; all of its output is in "
                                + log + "\n"));
        assertThat(log).hasContent("[ERROR] A.java:[1,2] no good");
        assertThat(checkout.resolve("cli/target/align4j.lock")).doesNotExist();
    }

    @Test
    void oneOfTwoBuilds() throws Exception {
        maven("4.0.0", "sleep 1; cp ../echo.jar cli/target/align4j-cli.jar");
        Process one = launcher.start();
        Process two = launcher.start();
        Result first = Launcher.resultOf(one);
        Result second = Launcher.resultOf(two);
        assertThat(List.of(first.exitCode(), second.exitCode())).containsExactly(0, 0);
        assertThat(List.of(first.err(), second.err()))
                .containsExactlyInAnyOrder(BUILDING, "align4j: waiting for another build\n");
        assertThat(builds()).hasSize(1);
    }

    @Test
    void takesTheLockOfADeadBuild() throws Exception {
        Process dead = new ProcessBuilder("true").start();
        dead.waitFor();
        Path lock = Files.createDirectories(checkout.resolve("cli/target/align4j.lock"));
        Files.createFile(lock.resolve(Long.toString(dead.pid())));
        assertThat(launcher.run()).isEqualTo(new Result(0, ECHO, BUILDING));
        assertThat(lock).doesNotExist();
    }

    @Test
    void refusesAnOldMavenAndNone() throws Exception {
        maven("3.6.3", "exit 9");
        assertThat(launcher.run())
                .isEqualTo(new Result(
                        1,
                        "",
                        "align4j: building needs Maven 3.8 or newer, and mvn on PATH is 3.6;"
                                + " install a newer one\n"));
        Files.delete(scratch.resolve("tools/mvn"));
        assertThat(launcher.run().err())
                .startsWith("align4j: building needs Maven 3.8 or newer, and there is no mvn on PATH;");
    }

    @Test
    void refusesToBuildWithAJre() throws Exception {
        Path jre = scratch.resolve("jre");
        Launcher.script(jre.resolve("bin/java"), "exit 9\n");
        Files.writeString(jre.resolve("release"), "JAVA_VERSION=\"21.0.1\"\n");
        assertThat(launcher.with("ALIGN4J_JAVA_HOME", jre).run().err())
                .startsWith("align4j: building needs a JDK, and " + jre + " is a JRE without javac; install a JDK 17");
    }

    private void maven(String version, String build) throws IOException {
        String answer = "if [ \"$2\" = --version ]; then echo 'Apache Maven " + version + " (abc)'; exit; fi\n";
        Launcher.script(
                scratch.resolve("tools/mvn"),
                answer + "echo \"$*\" >>'" + scratch.resolve("builds") + "'\n" + build + "\n");
    }

    private List<String> builds() throws IOException {
        return Files.readAllLines(scratch.resolve("builds"));
    }
}
