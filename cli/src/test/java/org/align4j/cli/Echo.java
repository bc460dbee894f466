package org.align4j.cli;

/** A program for the launcher to run: prints what it was given, a line each, and exits as the first word says. */
public final class Echo {
    private Echo() {}

    public static void main(String[] args) {
        for (String arg : args) {
            System.out.println(arg);
        }
        System.out.println("OMP_WAIT_POLICY=" + System.getenv("OMP_WAIT_POLICY"));
        System.out.println("ALIGN4J_TTY=" + System.getenv("ALIGN4J_TTY"));
        System.exit(args.length > 0 && args[0].matches("\\d+") ? Integer.parseInt(args[0]) : 0);
    }
}
