// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.migration;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sallyport.KeyRing;
import dev.sallyport.RecordCheck;
import dev.sallyport.TwoFactor;
import dev.sallyport.examples.migration.Mover.Moved;
import dev.sallyport.examples.migration.Plan.Planned;
import dev.sallyport.storage.StoreException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The command line. */
@Command(
        name = "migrate",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Moves users with their authenticators over from another product.",
        footer = {
            "",
            "Environment: SALLYPORT_KEYS (unless --keys-file), SALLYPORT_JDBC_PASSWORD,",
            "  SALLYPORT_PSKC_PASSWORD, SALLYPORT_PSKC_KEY.",
            "Exit codes: 0 all are over; 1 somebody is left without a second factor; 2 the file or an option",
            "  cannot be used, nothing was written; 3 the store failed: run it again."
        })
public final class Migration implements Callable<Integer> {
    static final int ALL_OVER = 0;
    static final int SOME_LEFT = 1;
    static final int BAD_INPUT = 2;
    static final int STORE_FAILED = 3;

    private static final int RECORDS_CHECKED = 100;

    private final Surroundings surroundings;

    @Option(
            names = "--from",
            required = true,
            paramLabel = "FORMAT",
            description = "keycloak, django-otp, csv," + " authelia, pskc, otpauth or cxf")
    private String from = "";

    @Parameters(paramLabel = "FILE", description = "What the other product exported")
    private Path file = Path.of("");

    @Option(names = "--dry-run", description = "Says what would happen, and writes nothing")
    private boolean dryRun;

    @Option(
            names = "--issuer",
            required = true,
            paramLabel = "NAME",
            description = "As the application gives it to" + " TwoFactor")
    private String issuer = "";

    @Option(names = "--namespace", paramLabel = "NAME", description = "As the application gives it to TwoFactor")
    private String namespace = "";

    @Option(names = "--jdbc", required = true, paramLabel = "URL", description = "The database, without a password")
    private String jdbc = "";

    @Option(names = "--jdbc-user", paramLabel = "USER", description = "The database's user")
    private @Nullable String jdbcUser;

    @Option(names = "--table", paramLabel = "TABLE", description = "sallyport_record by default")
    private String table = "sallyport_record";

    @Option(names = "--create-table", description = "Creates the table if it is missing")
    private boolean createTable;

    @Option(
            names = "--keys-file",
            paramLabel = "FILE",
            description =
                    "The application's encryption keys: on each line" + " an id and a Base64, the current key first")
    private @Nullable Path keysFile;

    @Option(
            names = "--user-map",
            paramLabel = "CSV",
            description = "Which user id an old user has: the columns name" + " and user_id")
    private @Nullable Path userMap;

    @Option(
            names = "--report",
            paramLabel = "PATH",
            description = "Writes PATH.txt and PATH.jsonl. Needed unless it" + " is a dry run")
    private @Nullable Path reportPath;

    @Option(
            names = "--from-issuer",
            paramLabel = "NAME",
            description = "otpauth, cxf: whose codes, if the file has" + " several issuers")
    private @Nullable String fromIssuer;

    @Option(
            names = "--secret-encoding",
            paramLabel = "NAME",
            description = "csv: base32 by default, hex, raw or" + " base64")
    private String secretEncoding = "base32";

    @Option(names = "--column", paramLabel = "NAME=HEADER", description = "csv: what the table calls a column")
    private Map<String, String> columns = new LinkedHashMap<>();

    @Option(
            names = "--serials",
            paramLabel = "CSV",
            description = "pskc: whose token it is: the columns serial and" + " user")
    private @Nullable Path serials;

    @Option(names = "--pskc-password-file", paramLabel = "FILE", description = "pskc: the password")
    private @Nullable Path pskcPasswordFile;

    @Option(names = "--pskc-key-file", paramLabel = "FILE", description = "pskc: the key in hexadecimal")
    private @Nullable Path pskcKeyFile;

    private Migration(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    /**
     * Runs the command.
     *
     * @param args as {@code --help} says
     */
    public static void main(String[] args) {
        int status = run(Surroundings.ofThisProcess(), args);
        // Only on failure, because Maven's exec:java runs this inside Maven.
        if (status != 0) {
            System.exit(status);
        }
    }

    static int run(Surroundings surroundings, String... args) {
        CommandLine command = new CommandLine(new Migration(surroundings));
        command.setOut(new PrintWriter(surroundings.out(), true, UTF_8));
        command.setErr(new PrintWriter(surroundings.err(), true, UTF_8));
        command.setExecutionExceptionHandler((failure, line, parsed) -> {
            // The message is left out, because nobody knows what it quotes.
            StackTraceElement[] trace = failure.getStackTrace();
            surroundings
                    .err()
                    .println("migrate: an unexpected " + failure.getClass().getName()
                            + (trace.length > 0 ? " at " + trace[0] : "")
                            + ". Run it again: users who came over stay as they are");
            return STORE_FAILED;
        });
        return command.execute(args);
    }

    @Override
    public Integer call() {
        try {
            return migrate();
        } catch (BadInput e) {
            surroundings.err().println("migrate: " + Labels.show(String.valueOf(e.getMessage())));
            return BAD_INPUT;
        } catch (StoreException e) {
            String state = Target.sqlState(e);
            surroundings
                    .err()
                    .println("migrate: the store failed: " + Labels.show(String.valueOf(e.getMessage()))
                            + (state == null ? "" : " (SQLState " + state + ")")
                            + ". Run it again: users who came over stay as they are");
            return STORE_FAILED;
        } catch (Report.ReportFailed e) {
            surroundings
                    .err()
                    .println("migrate: the report cannot be written."
                            + " Run it again: users who came over stay as they are");
            return STORE_FAILED;
        }
    }

    private int migrate() throws BadInput {
        if (!dryRun && reportPath == null) {
            throw new BadInput("--report is needed unless it is a --dry-run");
        }
        Format format = Format.named(from);
        Optional<KeyRing> keys = keys();
        if (!dryRun && keys.isEmpty()) {
            throw new BadInput("the application's encryption keys are needed: put them into the environment variable"
                    + " SALLYPORT_KEYS, or name a file with --keys-file");
        }
        Optional<UserMap> map = userMap == null ? Optional.empty() : Optional.of(UserMap.read(userMap));
        Inventory inventory = source(format).read(file);
        Plan plan = Plan.of(inventory, map, new Rehearsal(surroundings.clock()));
        try (Target target = Target.open(new Target.Address(
                        jdbc, jdbcUser, surroundings.environment().get("SALLYPORT_JDBC_PASSWORD"), table));
                Report report = Report.open(dryRun, Optional.ofNullable(reportPath))) {
            return run(inventory, plan, target, keys, report);
        }
    }

    private int run(Inventory inventory, Plan plan, Target target, Optional<KeyRing> keys, Report report)
            throws BadInput {
        boolean tableIsThere = target.hasTable();
        if (!dryRun && !tableIsThere) {
            if (!createTable) {
                throw new BadInput("--table: there is no table " + table + ". Create it, or say --create-table");
            }
            target.store().createTableIfMissing();
        }
        if (tableIsThere && keys.isPresent()) {
            requireRightKeys(target, keys.get());
        }
        Optional<Mover> mover = keys.map(ring -> new Mover(twoFactor(target, ring)));
        Progress progress = new Progress(
                surroundings.out(), surroundings.terminal(), plan.users().size());
        List<String> head = head(inventory, tableIsThere);
        try {
            for (Planned planned : plan.users()) {
                report.add(planned, moved(planned, mover, target, tableIsThere));
                progress.step();
            }
        } catch (StoreException e) {
            head.add("STOPPED:  the store failed. Only the users below were looked at");
            tell(report, inventory, head);
            throw e;
        }
        tell(report, inventory, head);
        return finish(report);
    }

    private void tell(Report report, Inventory inventory, List<String> head) {
        surroundings.out().println();
        surroundings.out().print(report.finish(inventory, head));
    }

    private Moved moved(Planned planned, Optional<Mover> mover, Target target, boolean tableIsThere) throws BadInput {
        if (!dryRun) {
            return mover.orElseThrow().move(planned);
        }
        if (!tableIsThere) {
            return Mover.withoutRecord(planned);
        }
        if (mover.isPresent()) {
            return mover.get().foresee(planned);
        }
        if (planned.user() != null
                && target.store().find(planned.user().value()).isPresent()) {
            throw new BadInput("the table has records already. To see who is there, the application's encryption keys"
                    + " are needed: SALLYPORT_KEYS or --keys-file");
        }
        return Mover.withoutRecord(planned);
    }

    private TwoFactor twoFactor(Target target, KeyRing keys) throws IllegalArgumentException {
        return TwoFactor.builder()
                .issuer(issuer)
                .namespace(namespace)
                .store(target.store())
                .encryptionKeys(keys)
                .clock(surroundings.clock())
                .build();
    }

    /** Records under other keys would lie beside those of the application, and would never open there. */
    private void requireRightKeys(Target target, KeyRing keys) throws BadInput {
        RecordCheck.Report check =
                RecordCheck.of(target.store(), keys).namespace(namespace).sample(RECORDS_CHECKED);
        if (check.seen() > 0 && check.unreadable().size() == check.seen()) {
            throw new BadInput(
                    "the records in the table do not open with these keys and this namespace: " + check.firstProblem());
        }
    }

    private int finish(Report report) {
        int status = report.count(Outcome.UNREADABLE_RECORD) > 0
                ? STORE_FAILED
                : report.count(Outcome.LEFT_WITHOUT_SECOND_FACTOR) > 0 ? SOME_LEFT : ALL_OVER;
        surroundings.out().println();
        if (reportPath != null) {
            surroundings.out().println("Report: " + reportPath + ".txt, " + reportPath + ".jsonl");
        }
        surroundings
                .out()
                .println(
                        (dryRun ? "This was a dry run. Nothing was written." : "Done.") + " Exit code " + status + ".");
        return status;
    }

    private List<String> head(Inventory inventory, boolean tableIsThere) {
        List<String> head = new ArrayList<>();
        head.add("From:     " + from + ", " + file);
        head.add("To:       the table " + table
                + (tableIsThere ? "" : dryRun ? ", which is missing: run with --create-table" : ", which was created"));
        if (userMap != null) {
            head.add("User ids: those of the user map");
        } else {
            head.add("User ids: " + inventory.identity().text());
            if (!inventory.identity().permanent()) {
                head.add("          A user id must never change or be given to somebody else, and a login name may."
                        + " Use --user-map");
            }
        }
        return head;
    }

    private Optional<KeyRing> keys() throws BadInput {
        if (keysFile != null) {
            return Optional.of(Keys.read("--keys-file", TextFile.read(keysFile)));
        }
        String text = surroundings.environment().get("SALLYPORT_KEYS");
        return text == null || text.isBlank() ? Optional.empty() : Optional.of(Keys.read("SALLYPORT_KEYS", text));
    }

    private Source source(Format format) throws BadInput {
        return switch (format) {
            case KEYCLOAK -> new KeycloakSource();
            case DJANGO_OTP -> new DjangoOtpSource();
            case CSV -> new CsvSource(Secrets.Encoding.named(secretEncoding), columns);
            case AUTHELIA -> new AutheliaSource();
            case PSKC -> new PskcSource(Optional.ofNullable(serials), unlocking(), surroundings.clock());
            case OTPAUTH -> new OtpauthSource(Optional.ofNullable(fromIssuer));
            case CXF -> new CxfSource(Optional.ofNullable(fromIssuer));
        };
    }

    private PskcCipher.Unlocking unlocking() throws BadInput {
        Optional<String> password = secret(pskcPasswordFile, "SALLYPORT_PSKC_PASSWORD");
        Optional<String> key = secret(pskcKeyFile, "SALLYPORT_PSKC_KEY");
        byte[] bytes = null;
        if (key.isPresent()) {
            try {
                bytes = HexFormat.of().parseHex(key.get().strip());
            } catch (IllegalArgumentException e) {
                // The cause is left out, because its message quotes the key.
                throw new BadInput("the key of the container is not hexadecimal");
            }
        }
        return new PskcCipher.Unlocking(password.map(String::toCharArray), Optional.ofNullable(bytes));
    }

    private Optional<String> secret(@Nullable Path inFile, String variable) throws BadInput {
        if (inFile != null) {
            String text = TextFile.read(inFile);
            return Optional.of(text.endsWith("\n") ? text.stripTrailing() : text);
        }
        return Optional.ofNullable(surroundings.environment().get(variable));
    }
}
