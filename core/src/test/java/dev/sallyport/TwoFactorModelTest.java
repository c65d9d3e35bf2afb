// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static dev.sallyport.World.ALICE;
import static dev.sallyport.World.STEP;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.EnrollmentResult.Enrolled;
import dev.sallyport.SignInRequirement.CodeRequired;
import dev.sallyport.VerificationResult.LockedOut;
import dev.sallyport.VerificationResult.Rejected;
import dev.sallyport.VerificationResult.Suspended;
import dev.sallyport.VerificationResult.Verified;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Label;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.jspecify.annotations.Nullable;

/**
 * One user, and whatever may happen to them, in any order. A model that is as simple as the rules can be told says before
 * each call what must come of it: nothing is accepted that it refuses, and nothing refused that it accepts.
 */
class TwoFactorModelTest {
    private static final int LOCKOUT_AFTER = 3;
    private static final int SUSPEND_AFTER = 5;
    private static final int BUDGET = 7;
    private static final int BACKUP_WAIT_AFTER = 2;
    private static final TwoFactorPolicy POLICY = TwoFactorPolicy.builder()
            .backupCodes(2)
            .backupCodesLow(0)
            .failuresBeforeLockout(LOCKOUT_AFTER)
            .failuresBeforeBackupWait(BACKUP_WAIT_AFTER)
            .suspendAfter(SUSPEND_AFTER)
            .failureBudget(BUDGET)
            .build();
    private static final List<Duration> PAUSES = List.of(
            Duration.ofMillis(1),
            Duration.ofSeconds(1),
            Duration.ofSeconds(5),
            STEP,
            STEP,
            Duration.ofMinutes(1),
            Duration.ofMinutes(5),
            Duration.ofMinutes(6),
            Duration.ofMinutes(30),
            Duration.ofHours(1),
            Duration.ofDays(1),
            Duration.ofDays(10),
            Duration.ofDays(31));

    /** What may happen. Each takes a number, to choose a code, a browser or a time by. */
    private enum Move {
        CODE_OF_A_STEP_AROUND_NOW(20),
        CODE_OF_ANY_EARLIER_STEP(8),
        WRONG_CODE(24),
        BACKUP_CODE(4),
        BACKUP_CODE_OF_AN_EARLIER_SET(2),
        WRONG_BACKUP_CODE(5),
        TIME_GOES_BY(30),
        REMEMBER_BROWSER(6),
        RETURN_WITH_A_BROWSER(8),
        FORGET_BROWSERS(1),
        REGENERATE(2),
        DISABLE_AND_ENROLL_AGAIN(2),
        UNLOCK(1);

        /** How often it happens, compared with others. */
        final int weight;

        Move(int weight) {
            this.weight = weight;
        }
    }

    private record Turn(Move move, int number) {}

    private record Browser(String token, Instant remembered) {
        boolean isGoodAt(Instant now) {
            return now.isBefore(remembered.plus(Duration.ofDays(30)));
        }
    }

    @Property(tries = 40)
    @Label("Nothing is accepted that the rules refuse, and nothing refused that they accept")
    void anyCalls_inAnyOrder_areAnsweredByTheRules(@ForAll("turns") List<Turn> turns) {
        Play play = new Play();
        turns.forEach(play::make);
    }

    @Provide
    Arbitrary<List<Turn>> turns() {
        List<Move> weighted = Stream.of(Move.values())
                .flatMap(move -> Collections.nCopies(move.weight, move).stream())
                .toList();
        return Combinators.combine(
                        Arbitraries.of(weighted), Arbitraries.integers().between(0, 99))
                .as(Turn::new)
                .list()
                .ofMinSize(20)
                .ofMaxSize(80);
    }

    /** The world, and beside it the model. */
    private static final class Play {
        private final World world = new World(POLICY);
        private final TwoFactor twoFactor = world.twoFactor;

        private Phone phone = Phone.ofSecret(Phone.RFC_SECRET);
        private long lastStep;
        private int failures;
        private Instant lastFailure = Instant.MIN;
        private final List<LocalDate> budget = new ArrayList<>();
        private Instant budgetEmptied = Instant.MIN;

        private final Set<String> backupCodes = new HashSet<>();
        private final List<String> allBackupCodes = new ArrayList<>();
        private final List<String> oldBackupCodes = new ArrayList<>();
        private int backupFailures;
        private Instant lastBackupFailure = Instant.MIN;

        private final List<Browser> browsers = new ArrayList<>();
        private final List<String> allTokens = new ArrayList<>(List.of("none"));

        private @Nullable Verified proof;
        private Instant proofFrom = Instant.MIN;

        Play() {
            enroll();
        }

        void make(Turn turn) {
            int number = turn.number();
            switch (turn.move()) {
                case CODE_OF_A_STEP_AROUND_NOW -> codeAroundNow(number);
                case CODE_OF_ANY_EARLIER_STEP -> earlierCode(number);
                case WRONG_CODE -> wrongCode();
                case BACKUP_CODE -> backupCode(number);
                case BACKUP_CODE_OF_AN_EARLIER_SET -> oldBackupCode(number);
                case WRONG_BACKUP_CODE -> wrongBackupCode();
                case TIME_GOES_BY -> pause(number);
                case REMEMBER_BROWSER -> rememberBrowser(number);
                case RETURN_WITH_A_BROWSER -> returnWithABrowser(number);
                case FORGET_BROWSERS -> forgetBrowsers();
                case REGENERATE -> regenerate();
                case DISABLE_AND_ENROLL_AGAIN -> disableAndEnrollAgain();
                case UNLOCK -> unlock();
            }
        }

        private Instant now() {
            return world.now();
        }

        private LocalDate today() {
            return LocalDate.ofInstant(now(), ZoneOffset.UTC);
        }

        private void enroll() {
            phone = Phone.scan(twoFactor.beginEnrollment(ALICE, "alice"));
            Enrolled enrolled = (Enrolled) twoFactor.confirmEnrollment(ALICE, phone.codeAt(now()));
            lastStep = phone.step(now());
            noFailures();
            budget.clear();
            budgetEmptied = Instant.MIN;
            newBackupCodes(enrolled.backupCodes().orElseThrow());
            proved(enrolled.proof());
        }

        private void noFailures() {
            failures = 0;
            backupFailures = 0;
        }

        private void newBackupCodes(BackupCodes codes) {
            oldBackupCodes.addAll(allBackupCodes);
            allBackupCodes.clear();
            allBackupCodes.addAll(codes.asList());
            backupCodes.clear();
            backupCodes.addAll(codes.asList());
            browsers.clear();
        }

        private void proved(Verified with) {
            proof = with;
            proofFrom = now();
        }

        // --- One-time codes ---

        private void codeAroundNow(int number) {
            verify(phone.code(phone.step(now()) - 2 + number % 5));
        }

        private void earlierCode(int number) {
            verify(phone.code(lastStep - number % 4));
        }

        private void wrongCode() {
            verify(phone.wrongAt(now()));
        }

        private void verify(String code) {
            Optional<VerificationResult> lock = lock();
            long step = LongStream.rangeClosed(phone.step(now()) - 1, phone.step(now()) + 1)
                    .filter(one -> phone.code(one).equals(code))
                    .max()
                    .orElse(Long.MIN_VALUE);
            VerificationResult result = twoFactor.verify(ALICE, code);

            if (lock.isPresent()) {
                assertThat(result).isEqualTo(lock.get());
            } else if (code.equals(phone.code(lastStep)) || lastStep > phone.step(now())) {
                // The code that was accepted last, or a clock behind all codes: refused, and nobody's guess.
                assertThat(result).isEqualTo(new Rejected());
            } else if (step > lastStep) {
                assertThat(result).isInstanceOf(Verified.class);
                lastStep = step;
                failures = 0;
                proved((Verified) result);
            } else {
                assertThat(result).isEqualTo(new Rejected());
                failures++;
                lastFailure = now();
                budget.add(today());
            }
        }

        private Optional<VerificationResult> lock() {
            if (failures >= SUSPEND_AFTER) {
                return Optional.of(new Suspended());
            }
            Instant until = now();
            if (failures >= LOCKOUT_AFTER) {
                long seconds = Math.min(3600, 30L << (failures - LOCKOUT_AFTER));
                until = latest(until, lastFailure.plusSeconds(seconds));
            }
            LocalDate day = today();
            while (budgetSpentOn(day)) {
                day = day.plusDays(1);
                until = latest(until, day.atStartOfDay(ZoneOffset.UTC).toInstant());
            }
            return until.isAfter(now()) ? Optional.of(new LockedOut(until)) : Optional.empty();
        }

        private boolean budgetSpentOn(LocalDate day) {
            return budget.stream()
                            .filter(failed -> failed.isAfter(day.minusDays(31)))
                            .count()
                    >= BUDGET;
        }

        private static Instant latest(Instant one, Instant other) {
            return one.isAfter(other) ? one : other;
        }

        private void unlock() {
            twoFactor.unlock(ALICE, "asked by telephone");
            noFailures();
            budget.clear();
        }

        // --- Backup codes ---

        private void backupCode(int number) {
            verifyBackupCode(allBackupCodes.get(number % allBackupCodes.size()));
        }

        private void oldBackupCode(int number) {
            if (!oldBackupCodes.isEmpty()) {
                verifyBackupCode(oldBackupCodes.get(number % oldBackupCodes.size()));
            }
        }

        private void wrongBackupCode() {
            verifyBackupCode("0000-0000-0000-0000");
        }

        private void verifyBackupCode(String code) {
            Instant from = backupFailures < BACKUP_WAIT_AFTER ? Instant.MIN : lastBackupFailure.plusSeconds(5);
            VerificationResult result = twoFactor.verify(ALICE, code);

            if (now().isBefore(from)) {
                assertThat(result).isEqualTo(new LockedOut(from));
            } else if (backupCodes.remove(code)) {
                assertThat(result).isInstanceOf(Verified.class);
                noFailures();
                emptyBudget();
                browsers.clear();
                proved((Verified) result);
            } else {
                assertThat(result).isEqualTo(new Rejected());
                backupFailures++;
                lastBackupFailure = now();
            }
        }

        private void emptyBudget() {
            boolean recently =
                    !budgetEmptied.equals(Instant.MIN) && now().isBefore(budgetEmptied.plus(Duration.ofDays(30)));
            if (!recently && !budget.isEmpty()) {
                budget.clear();
                budgetEmptied = now();
            }
        }

        // --- Time, browsers, proofs ---

        private void pause(int number) {
            world.clock.advance(PAUSES.get(number % PAUSES.size()));
        }

        private boolean isProofGood() {
            return proof != null && !now().isAfter(proofFrom.plus(Duration.ofMinutes(5)));
        }

        /** Makes a call with the latest proof, which must be refused if that is no good any longer. */
        private <T> Optional<T> withProof(Function<Verified, T> call) {
            if (proof == null) {
                return Optional.empty();
            }
            boolean good = isProofGood();
            try {
                T result = call.apply(proof);
                assertThat(good).isTrue();
                return Optional.of(result);
            } catch (StaleProofException e) {
                assertThat(good).isFalse();
                return Optional.empty();
            }
        }

        private void rememberBrowser(int number) {
            withProof(with -> twoFactor.rememberBrowser(with, "Browser " + number))
                    .ifPresent(token -> {
                        browsers.removeIf(browser -> !browser.isGoodAt(now()));
                        browsers.add(new Browser(token.value(), now()));
                        browsers.subList(0, Math.max(0, browsers.size() - 20)).clear();
                        allTokens.add(token.value());
                    });
        }

        private void returnWithABrowser(int number) {
            String token = allTokens.get(number % allTokens.size());
            boolean remembered =
                    browsers.stream().anyMatch(browser -> browser.token().equals(token) && browser.isGoodAt(now()));

            assertThat(!twoFactor.signInRequirement(ALICE, token).equals(new CodeRequired()))
                    .isEqualTo(remembered);
        }

        private void forgetBrowsers() {
            twoFactor.forgetBrowsers(ALICE);
            browsers.clear();
            // Refused from here on: it is from before trust was lowered.
            proofFrom = Instant.MIN;
        }

        private void regenerate() {
            withProof(twoFactor::regenerateBackupCodes).ifPresent(this::newBackupCodes);
        }

        private void disableAndEnrollAgain() {
            withProof(with -> {
                        twoFactor.disable(with);
                        return true;
                    })
                    .ifPresent(disabled -> enroll());
        }
    }
}
