// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.benchmarks;

import java.util.List;
import java.util.Locale;

/** A table in Markdown, and what it says about the goals. */
record Report(String title, String table, List<Verdict> verdicts) {
    /** How far a goal was reached. */
    record Verdict(boolean met, String sentence) {
        /** At most so much of something was to be had. */
        static Verdict atMost(String what, double value, double most) {
            return new Verdict(value <= most, number(what, value) + number(" (goal: at most", most) + ")");
        }

        /** At least so much. */
        static Verdict atLeast(String what, double value, double least) {
            return new Verdict(value >= least, number(what, value) + number(" (goal: at least", least) + ")");
        }

        private static String number(String text, double value) {
            return text + " " + String.format(Locale.ROOT, value < 100 ? "%.2f" : "%.0f", value);
        }
    }

    String markdown() {
        StringBuilder markdown = new StringBuilder("### " + title + "\n\n" + table + "\n");
        for (Verdict verdict : verdicts) {
            markdown.append("- ").append(verdict.sentence()).append(verdict.met() ? ": met\n" : ": **missed**\n");
        }
        return markdown.append(verdicts.isEmpty() ? "" : "\n").toString();
    }

    long missed() {
        return verdicts.stream().filter(verdict -> !verdict.met()).count();
    }
}
