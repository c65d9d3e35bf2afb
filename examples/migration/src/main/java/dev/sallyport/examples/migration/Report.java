// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.migration;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.UserId;
import dev.sallyport.examples.migration.Mover.Moved;
import dev.sallyport.examples.migration.Plan.Part;
import dev.sallyport.examples.migration.Plan.Planned;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What happened, or would happen: a line of JSON for each user as soon as it is certain, and a text at the end. It
 * names users, and contains no secret.
 */
final class Report implements AutoCloseable {
    private static final ObjectMapper JSON =
            JsonMapper.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();
    private static final int SHOWN_ON_SCREEN = 20;

    private final boolean dryRun;
    private final @Nullable Path textFile;
    private final @Nullable BufferedWriter lines;
    private final Map<Outcome, Integer> outcomes = new EnumMap<>(Outcome.class);
    private final Map<String, Integer> leftBehind = new LinkedHashMap<>();
    private final List<String> left = new ArrayList<>();
    private final List<String> unreadable = new ArrayList<>();
    private final List<String> staying = new ArrayList<>();
    private int totp;
    private int hotp;
    private int weak;
    private int unknownLastStep;
    private int drifting;

    private Report(boolean dryRun, @Nullable Path textFile, @Nullable BufferedWriter lines) {
        this.dryRun = dryRun;
        this.textFile = textFile;
        this.lines = lines;
    }

    /** Opens the report's files, so that a path that cannot be written stops the run before it begins. */
    static Report open(boolean dryRun, Optional<Path> base) throws BadInput {
        if (base.isEmpty()) {
            return new Report(dryRun, null, null);
        }
        Path text = base.get().resolveSibling(base.get().getFileName() + ".txt");
        Path jsonLines = base.get().resolveSibling(base.get().getFileName() + ".jsonl");
        try {
            createForOwner(text);
            createForOwner(jsonLines);
            return new Report(dryRun, text, Files.newBufferedWriter(jsonLines, UTF_8));
        } catch (IOException e) {
            throw BadInput.at("--report " + base.get(), "the report cannot be written there");
        }
    }

    /** The report says who has no second factor, which is nobody else's business. */
    private static void createForOwner(Path file) throws IOException {
        Files.deleteIfExists(file);
        if (FileSystems.getDefault().supportedFileAttributeViews().contains("posix")) {
            Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        }
    }

    void add(Planned planned, Moved moved) {
        outcomes.merge(moved.outcome(), 1, Integer::sum);
        String who = who(planned);
        switch (moved.outcome()) {
            case COMES_OVER -> {
                planned.parts().stream()
                        .filter(part -> part.request().isPresent())
                        .forEach(part -> count(part.old()));
                planned.parts().stream()
                        .filter(part -> part.request().isEmpty())
                        .forEach(part ->
                                staying.add(who + ", " + Labels.show(part.old().where() + ": " + part.reason())));
                planned.old().leftBehind().forEach((what, count) -> leftBehind.merge(what, count, Integer::sum));
            }
            case LEFT_WITHOUT_SECOND_FACTOR -> left.add(who + ": " + Labels.show(moved.reason()));
            case UNREADABLE_RECORD -> unreadable.add(who + ": " + Labels.show(moved.reason()));
            case ALREADY_THERE, HAD_NO_SECOND_FACTOR -> {
                // They are counted, and are in the file.
            }
        }
        writeLine(planned, moved);
    }

    private void count(OldAuthenticator old) {
        if (old.type() == OldAuthenticator.Type.TOTP) {
            totp++;
        } else {
            hotp++;
        }
        weak += old.isWeak() ? 1 : 0;
        unknownLastStep += old.isLastStepUnknown() ? 1 : 0;
        drifting += Math.abs(old.drift()) > 1 ? 1 : 0;
    }

    private void writeLine(Planned planned, Moved moved) {
        if (lines == null) {
            return;
        }
        UserId user = planned.user();
        ObjectNode line = JSON.createObjectNode()
                .put("user", user == null ? null : user.value())
                .put("name", planned.old().name())
                .put("outcome", moved.outcome().name().toLowerCase(Locale.ROOT))
                .put("dryRun", dryRun);
        if (!moved.reason().isEmpty()) {
            line.put("reason", moved.reason());
        }
        ArrayNode authenticators = line.putArray("authenticators");
        for (Part part : planned.parts()) {
            ObjectNode one = authenticators
                    .addObject()
                    .put("where", part.old().where())
                    .put("label", part.old().label())
                    .put("fit", part.request().isPresent());
            if (part.request().isEmpty()) {
                one.put("reason", part.reason());
            } else {
                one.put("type", part.old().type().name())
                        .put("weakSecret", part.old().isWeak())
                        .put("lastStepKnown", !part.old().isLastStepUnknown())
                        .put("drift", part.old().drift());
            }
        }
        if (!planned.old().leftBehind().isEmpty()) {
            ObjectNode behind = line.putObject("leftBehind");
            planned.old().leftBehind().forEach(behind::put);
        }
        try {
            lines.write(JSON.writeValueAsString(line));
            lines.newLine();
            // Flushed, so that the report of a run that was killed says how far it came.
            lines.flush();
        } catch (IOException e) {
            throw new ReportFailed(e);
        }
    }

    /** The disk is full, for example. The users who came over stay as they are. */
    static final class ReportFailed extends RuntimeException {
        private static final long serialVersionUID = 1L;

        ReportFailed(IOException cause) {
            super(cause);
        }
    }

    int count(Outcome outcome) {
        return outcomes.getOrDefault(outcome, 0);
    }

    /** Finishes the file, and returns the same text, shortened for a screen. */
    String finish(Inventory inventory, List<String> head) {
        if (textFile != null) {
            try {
                Files.writeString(textFile, text(inventory, head, Integer.MAX_VALUE), UTF_8);
            } catch (IOException e) {
                throw new ReportFailed(e);
            }
        }
        return text(inventory, head, SHOWN_ON_SCREEN);
    }

    private String text(Inventory inventory, List<String> head, int limit) {
        StringBuilder text = new StringBuilder();
        head.forEach(line -> text.append(Labels.show(line)).append('\n'));
        text.append('\n');
        row(text, dryRun ? "Users who would come over" : "Users who came over", count(Outcome.COMES_OVER));
        row(text, "  authenticators: TOTP", totp);
        row(text, "  authenticators: HOTP", hotp);
        row(text, "  weak secrets (under 128 bits: ask these users to enroll again)", weak);
        row(text, "  last step unknown (the first code passes after a minute)", unknownLastStep);
        row(text, "  clock off by more than a step (two codes at the first sign-in)", drifting);
        row(text, "Users who are there already, unchanged", count(Outcome.ALREADY_THERE));
        row(text, "Users who had no second factor", count(Outcome.HAD_NO_SECOND_FACTOR));
        row(
                text,
                dryRun
                        ? "Users who would be LEFT WITHOUT A SECOND FACTOR"
                        : "Users who are LEFT WITHOUT A SECOND FACTOR",
                left.size());
        list(text, left, limit);
        if (!unreadable.isEmpty()) {
            row(text, "Users with an unreadable record, unchanged", unreadable.size());
            list(text, unreadable, limit);
        }
        row(text, "Authenticators that stay behind, while others of the user come over", staying.size());
        list(text, staying, limit);
        leftBehind.forEach((what, count) -> row(text, "Left behind: " + Labels.show(what), count));
        inventory.notes().forEach((what, count) -> row(text, "Noted: " + Labels.show(what), count));
        return text.toString();
    }

    private static void row(StringBuilder text, String what, int count) {
        text.append(String.format(Locale.ROOT, "%-70s %,9d\n", what, count));
    }

    private static void list(StringBuilder text, List<String> entries, int limit) {
        entries.stream()
                .limit(limit)
                .forEach(entry -> text.append("    ").append(entry).append('\n'));
        if (entries.size() > limit) {
            text.append("    and ").append(entries.size() - limit).append(" more, who are in the report\n");
        }
    }

    private static String who(Planned planned) {
        UserId user = planned.user();
        String name = Labels.show(planned.old().name());
        String id = user == null ? null : Labels.show(user.value());
        return id == null || id.equals(name) ? name : id + " (" + name + ")";
    }

    @Override
    public void close() {
        if (lines != null) {
            try {
                lines.close();
            } catch (IOException e) {
                throw new ReportFailed(e);
            }
        }
    }
}
