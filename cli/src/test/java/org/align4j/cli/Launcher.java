package org.align4j.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;

/** Runs {@code align4j} in an environment of which a test knows every part. */
final class Launcher {
    private static final List<String> TOOLS = List.of(
            "sh",
            "cat",
            "cp",
            "find",
            "head",
            "ls",
            "mkdir",
            "readlink",
            "rm",
            "rmdir",
            "sed",
            "sleep",
            "tail",
            "touch");

    record Result(int exitCode, String out, String err) {}

    private final Path script;
    private final Path folder;
    private final Map<String, String> environment = new HashMap<>();

    private Launcher(Path script, Path folder, Path tools) {
        this.script = script;
        this.folder = folder;
        environment.put("PATH", tools.toString());
        environment.put("ALIGN4J_JDK_FOLDERS", "");
    }

    /** A launcher that sees the usual tools but no Java and no Maven. */
    static Launcher of(Path script, Path scratch) throws IOException {
        return new Launcher(script, scratch, tools(scratch));
    }

    /** The launcher of this checkout. */
    static Path ofCheckout() {
        return Path.of("").toAbsolutePath().getParent().resolve("align4j");
    }

    Launcher with(String name, Object value) {
        Launcher other = new Launcher(script, folder, Path.of(environment.get("PATH")));
        other.environment.putAll(environment);
        other.environment.put(name, value.toString());
        return other;
    }

    Launcher withThisJava() {
        return with("ALIGN4J_JAVA_HOME", System.getProperty("java.home"));
    }

    Process start(String... args) throws IOException {
        List<String> command = new ArrayList<>(List.of("/bin/sh", script.toString()));
        command.addAll(List.of(args));
        ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
        builder.environment().clear();
        builder.environment().putAll(environment);
        return builder.start();
    }

    Result run(String... args) throws IOException, InterruptedException {
        return resultOf(start(args));
    }

    /** For programs that print less than a pipe holds. */
    static Result resultOf(Process process) throws IOException, InterruptedException {
        int exitCode = process.waitFor();
        return new Result(exitCode, text(process.getInputStream()), text(process.getErrorStream()));
    }

    private static String text(InputStream in) throws IOException {
        return new String(in.readAllBytes());
    }

    /** A jar with {@link Echo} in it. */
    static Path echoJar(Path file) throws IOException {
        String entry = "org/align4j/cli/Echo.class";
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().put(Attributes.Name.MAIN_CLASS, "org.align4j.cli.Echo");
        try (OutputStream out = Files.newOutputStream(file);
                JarOutputStream jar = new JarOutputStream(out, manifest);
                InputStream in = Echo.class.getResourceAsStream("/" + entry)) {
            jar.putNextEntry(new JarEntry(entry));
            in.transferTo(jar);
        }
        return file;
    }

    /** A script to stand for a program that is not ours. */
    static void script(Path file, String text) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, "#!/bin/sh\n" + text);
        if (!file.toFile().setExecutable(true)) {
            throw new IOException("cannot make " + file + " executable");
        }
    }

    /** Scripts rather than links, which JUnit warns about when it cleans up. */
    private static Path tools(Path scratch) throws IOException {
        Path tools = Files.createDirectories(scratch.resolve("tools"));
        for (String tool : TOOLS) {
            script(tools.resolve(tool), "exec " + find(tool) + " \"$@\"\n");
        }
        return tools;
    }

    private static Path find(String tool) {
        for (String folder : List.of("/bin", "/usr/bin")) {
            if (Files.isExecutable(Path.of(folder, tool))) {
                return Path.of(folder, tool);
            }
        }
        throw new UncheckedIOException(new IOException("no " + tool + " in /bin or /usr/bin"));
    }
}
