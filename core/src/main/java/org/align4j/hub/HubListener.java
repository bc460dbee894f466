package org.align4j.hub;

/** Hears how a download goes. What it throws ends the download; the part that has arrived stays for the next time. */
public interface HubListener {
    /** A fact worth a line. */
    void message(String line);

    /** How much of a file is there, of how much; the unit stands in {@code what}. */
    void downloading(String what, int done, int total);
}
