// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.conditions.ArchConditions.accessTargetWhere;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.tngtech.archunit.core.domain.AccessTarget.CodeUnitAccessTarget;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaMember;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.CompositeArchRule;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import dev.sallyport.otp.planted.OtpThatKnowsMore;
import dev.sallyport.planted.FirstOfACycle;
import dev.sallyport.planted.Planted;
import dev.sallyport.storage.StoredRecord;
import dev.sallyport.storage.planted.SpiThatKnowsMore;
import java.io.Serializable;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Calendar;
import java.util.Collections;
import java.util.Date;
import java.util.Formatter;
import java.util.List;
import java.util.Locale;
import java.util.ResourceBundle;
import java.util.Scanner;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TimeZone;
import java.util.Timer;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.ForkJoinTask;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What the core and the SPI know, and what they leave alone, read from their bytecode. */
class ArchitectureTest {
    private static final JavaClasses CORE_AND_SPI = new ClassFileImporter()
            .importUrls(Stream.of(TwoFactor.class, StoredRecord.class)
                    .map(type -> type.getProtectionDomain().getCodeSource().getLocation())
                    .toList());

    /** Each is a promise to whoever reviews or embeds the core. What breaks one of them stands in {@link Planted}. */
    @SuppressWarnings("ImmutableEnumChecker") // ArchUnit's rules do not change, and do not say so
    enum Rule {
        SPI_KNOWS_NOBODY(classes()
                .that()
                .resideInAPackage("dev.sallyport.storage..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage("java..", "dev.sallyport.storage..", "org.jspecify.annotations")),

        OTP_KNOWS_NEITHER_FACADE_NOR_STORAGE(classes()
                .that()
                .resideInAPackage("dev.sallyport.otp..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "java..",
                        "javax.crypto..",
                        "javax.security.auth",
                        "dev.sallyport.otp..",
                        "org.apache.commons.codec.binary",
                        "org.jspecify.annotations")),

        /** So no sockets, files, pipes, processes, java.lang.reflect, method handles, formatters, java.util.logging. */
        NOTHING_BUT_THESE_PACKAGES(classes()
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "dev.sallyport..",
                        "java.lang",
                        "java.nio",
                        "java.nio.charset",
                        "java.security",
                        "java.time",
                        "java.time.temporal",
                        "java.util",
                        "java.util.concurrent",
                        "java.util.concurrent.locks",
                        "java.util.function",
                        "java.util.stream",
                        "javax.crypto",
                        "javax.crypto.spec",
                        "javax.security.auth",
                        "org.apache.commons.codec.binary",
                        "org.jspecify.annotations",
                        "org.slf4j")),

        NO_THREAD(nothingReaches(
                "threads, tasks and timers",
                ownedBy(
                                Thread.class,
                                Timer.class,
                                Executor.class,
                                Executors.class,
                                CompletableFuture.class,
                                ForkJoinTask.class)
                        .or(named("parallel", "parallelStream", "parallelSort", "parallelSetAll", "parallelPrefix")))),

        /** What a native image would have to be told of, and a reviewer could not follow. */
        NO_REFLECTION(CompositeArchRule.of(nothingReaches(
                        "classes by name, resources, services",
                        ownedBy(ClassLoader.class, Module.class, ModuleLayer.class)
                                .or(ownedBy(ServiceLoader.class, ResourceBundle.class))
                                .or(ownedBy(Class.class)
                                        .and(named("getName", "getSimpleName", "isInstance", "cast")
                                                .negate()))))
                .and(methods().should().notHaveModifier(JavaModifier.NATIVE))),

        NO_DEFAULT_LOCALE(nothingReaches(
                "a format, or letters of the default locale",
                ownedBy(String.class)
                        .and(named("format", "formatted")
                                .or(named("toLowerCase", "toUpperCase").and(without(Locale.class))))
                        .or(ownedBy(Locale.class).and(named("getDefault")))
                        .or(ownedBy(Formatter.class, Scanner.class)))),

        NO_DEFAULT_CHARSET(nothingReaches(
                "the default charset",
                named("defaultCharset")
                        .or(ownedBy(String.class)
                                .and(named("getBytes")
                                        .and(with())
                                        // The bytes, from where, how many: and not in which charset.
                                        .or(named("<init>")
                                                .and(with(byte[].class)
                                                        .or(with(byte[].class, int.class, int.class)))))))),

        NO_DEFAULT_TIME_ZONE(nothingReaches(
                "the default time zone",
                named("systemDefault", "systemDefaultZone").or(ownedBy(TimeZone.class, Calendar.class, Date.class)))),

        NO_CLOCK_OF_ITS_OWN(nothingReaches(
                "the system's clock",
                named("currentTimeMillis", "nanoTime", "system", "systemUTC")
                        .or(named("tickMillis", "tickSeconds", "tickMinutes"))
                        .or(named("now").and(inPackage("java.time"))))),

        NO_WEAK_RANDOMNESS(nothingReaches(
                "randomness that is not a SecureRandom's, or one that is seeded",
                ownedBy(RandomGenerator.class)
                        .and(ownedBy(SecureRandom.class).negate())
                        .or(ownedBy(SecureRandom.class)
                                .and(named("setSeed").or(named("<init>").and(with().negate()))))
                        .or(ownedBy(Math.class, StrictMath.class).and(named("random")))
                        .or(ownedBy(UUID.class).and(named("randomUUID")))
                        .or(ownedBy(Collections.class).and(named("shuffle"))))),

        NO_SERIALIZATION(noClasses()
                .that()
                .areNotAssignableTo(Throwable.class)
                .and()
                .areNotEnums()
                // The bodies of constants.
                .and()
                .areNotAssignableTo(Enum.class)
                .should()
                .beAssignableTo(Serializable.class)),

        NO_MUTABLE_STATIC(fields().that()
                .areStatic()
                .and()
                .doNotHaveModifier(JavaModifier.SYNTHETIC)
                .should()
                .beFinal()
                .andShould()
                .haveRawType(describe("that cannot change", Rule::cannotChange))),

        /** Whoever reads the classes from the bottom up meets none that was not read before. */
        NO_CLASS_CYCLE(slices().assignedFrom(Rule.outermostClass()).should().beFreeOfCycles()),

        /** So the order and the numbering of events have one place, and none is published before its record is committed. */
        ONE_PLACE_PUBLISHES_EVENTS(noClasses()
                .that()
                .doNotHaveFullyQualifiedName(Events.class.getName())
                .should(accessTargetWhere(describe(
                        "the listener", ownedBy(TwoFactorListener.class).and(named("on")))))),

        NOTHING_OF_THE_PROCESS(nothingReaches(
                "streams, properties, environment and exits of the process",
                ownedBy(System.class)
                        .and(named("arraycopy", "currentTimeMillis", "nanoTime").negate())
                        .or(ownedBy(Runtime.class, ProcessBuilder.class, Process.class))
                        .or(ownedBy(Throwable.class).and(named("printStackTrace")))));

        private static final Set<String> IMMUTABLE_OF_THE_JDK =
                Set.of("java.lang.String", "java.time.Duration", "java.time.Instant", "java.util.HexFormat");

        private final ArchRule rule;

        Rule(ArchRule rule) {
            this.rule = rule.allowEmptyShould(true);
        }

        List<String> breachesIn(JavaClasses classes) {
            return rule.evaluate(classes).getFailureReport().getDetails();
        }

        private static ArchRule nothingReaches(String what, Predicate<JavaAccess<?>> target) {
            return noClasses().should(accessTargetWhere(describe(what, target)));
        }

        private static SliceAssignment outermostClass() {
            return new SliceAssignment() {
                @Override
                public SliceIdentifier getIdentifierOf(JavaClass type) {
                    String name = type.getName();
                    int nested = name.indexOf('$');
                    return SliceIdentifier.of(nested < 0 ? name : name.substring(0, nested));
                }

                @Override
                public String getDescription() {
                    return "outermost class";
                }
            };
        }

        private static Predicate<JavaAccess<?>> ownedBy(Class<?>... owners) {
            return access -> Arrays.stream(owners).anyMatch(access.getTargetOwner()::isAssignableTo);
        }

        private static Predicate<JavaAccess<?>> inPackage(String name) {
            return access -> access.getTargetOwner().getPackageName().equals(name);
        }

        private static Predicate<JavaAccess<?>> named(String... names) {
            return access -> List.of(names).contains(access.getTarget().getName());
        }

        private static Predicate<JavaAccess<?>> with(Class<?>... parameters) {
            return access -> access.getTarget() instanceof CodeUnitAccessTarget target
                    && target.getRawParameterTypes().stream()
                            .map(JavaClass::getName)
                            .toList()
                            .equals(Arrays.stream(parameters)
                                    .map(Class::getName)
                                    .toList());
        }

        private static Predicate<JavaAccess<?>> without(Class<?> parameter) {
            return with(parameter).negate();
        }

        private static boolean cannotChange(JavaClass type) {
            return type.isPrimitive()
                    || type.isEnum()
                    || IMMUTABLE_OF_THE_JDK.contains(type.getName())
                    || (type.getPackageName().startsWith("dev.sallyport") && hasFinalFieldsOnly(type));
        }

        private static boolean hasFinalFieldsOnly(JavaClass type) {
            return type.getAllFields().stream()
                    .map(JavaField::getModifiers)
                    .allMatch(modifiers -> modifiers.contains(JavaModifier.FINAL));
        }
    }

    /** Where a rule ends: a piece of what it says when broken there, and why that is right. */
    record Exemption(Rule rule, String where, String what, String why) {
        boolean covers(Rule broken, String breach) {
            return broken == rule && breach.contains("<dev.sallyport." + where) && breach.contains(what);
        }
    }

    private static final List<Exemption> EXEMPTIONS = List.of(
            new Exemption(
                    Rule.NO_CLOCK_OF_ITS_OWN,
                    "TwoFactor$Builder.<init>(",
                    "<java.time.InstantSource.system()>",
                    "the default of the clock that comes in"),
            new Exemption(
                    Rule.NO_CLOCK_OF_ITS_OWN,
                    "Reencryption.",
                    "<java.time.InstantSource.system()>",
                    "renewing a record asks no time; the settings have a place for a clock all the same"),
            new Exemption(
                    Rule.NO_CLOCK_OF_ITS_OWN,
                    "RecordCheck.",
                    "<java.time.InstantSource.system()>",
                    "opening a record asks no time; the settings have a place for a clock all the same"),
            new Exemption(
                    Rule.NOTHING_OF_THE_PROCESS,
                    "storage.InMemoryTwoFactorStore.<init>(",
                    "<java.lang.System.getLogger(",
                    "the SPI has no SLF4J, and somebody has to see the warning"),
            new Exemption(
                    Rule.NO_THREAD,
                    "storage.MapTwoFactorStore.restoreInterrupt(",
                    "<java.lang.Thread.",
                    "it keeps an interrupt of the caller's thread, and starts none"),
            new Exemption(Rule.NO_MUTABLE_STATIC, "Browser.NAMES", "", "List.of cannot change"),
            new Exemption(Rule.NO_MUTABLE_STATIC, "Browser.SYSTEMS", "", "List.of cannot change"),
            new Exemption(Rule.NO_MUTABLE_STATIC, "Events.LOG", "", "all loggers are shared"),
            new Exemption(Rule.NO_MUTABLE_STATIC, "otp.KeyUri.PARAMETERS", "", "Set.of cannot change"),
            new Exemption(
                    Rule.NO_MUTABLE_STATIC,
                    "otp.SharedSecret$Codec.BASE32",
                    "",
                    "commons-codec keeps its state in the call"),
            new Exemption(Rule.NO_MUTABLE_STATIC, "otp.SharedSecret.RANDOM", "", "it does not keep what it has drawn"),
            new Exemption(Rule.NO_MUTABLE_STATIC, "otp.SharedSecret.DESTROYED", "", "an empty array"));

    static List<Exemption> exemptions() {
        return EXEMPTIONS;
    }

    @Nested
    class CoreAndSpi {
        @ParameterizedTest
        @EnumSource
        void rule_isKept(Rule rule) {
            assertThat(rule.breachesIn(CORE_AND_SPI))
                    .filteredOn(breach -> EXEMPTIONS.stream().noneMatch(one -> one.covers(rule, breach)))
                    .isEmpty();
        }

        @ParameterizedTest
        @MethodSource("dev.sallyport.ArchitectureTest#exemptions")
        void exemption_isNeededStill(Exemption exemption) {
            assertThat(exemption.rule().breachesIn(CORE_AND_SPI))
                    .anyMatch(breach -> exemption.covers(exemption.rule(), breach));
        }

        @Test
        void classes_ofBoth_areWhatIsRead() {
            assertThat(CORE_AND_SPI.contain(Account.class)).isTrue();
            assertThat(CORE_AND_SPI.contain(StoredRecord.class)).isTrue();
            assertThat(CORE_AND_SPI.contain(ArchitectureTest.class)).isFalse();
        }
    }

    @Nested
    class PlantedBreaches {
        private static final JavaClasses PLANTED =
                new ClassFileImporter().importPackagesOf(Planted.class, OtpThatKnowsMore.class, SpiThatKnowsMore.class);

        static Stream<Arguments> planted() {
            return Stream.of(
                    arguments(SpiThatKnowsMore.class, Rule.SPI_KNOWS_NOBODY),
                    arguments(OtpThatKnowsMore.class, Rule.OTP_KNOWS_NEITHER_FACADE_NOR_STORAGE),
                    arguments(Planted.OtherPackages.class, Rule.NOTHING_BUT_THESE_PACKAGES),
                    arguments(Planted.Threads.class, Rule.NO_THREAD),
                    arguments(Planted.Reflection.class, Rule.NO_REFLECTION),
                    arguments(Planted.DefaultLocale.class, Rule.NO_DEFAULT_LOCALE),
                    arguments(Planted.DefaultCharset.class, Rule.NO_DEFAULT_CHARSET),
                    arguments(Planted.DefaultTimeZone.class, Rule.NO_DEFAULT_TIME_ZONE),
                    arguments(Planted.SystemClock.class, Rule.NO_CLOCK_OF_ITS_OWN),
                    arguments(Planted.WeakRandomness.class, Rule.NO_WEAK_RANDOMNESS),
                    arguments(Planted.Serialized.class, Rule.NO_SERIALIZATION),
                    arguments(Planted.MutableStatics.class, Rule.NO_MUTABLE_STATIC),
                    arguments(FirstOfACycle.class, Rule.NO_CLASS_CYCLE),
                    arguments(Planted.Publisher.class, Rule.ONE_PLACE_PUBLISHES_EVENTS),
                    arguments(Planted.TheProcess.class, Rule.NOTHING_OF_THE_PROCESS));
        }

        @ParameterizedTest
        @MethodSource("planted")
        void eachMember_breaksItsRuleAndNoOther(Class<?> type, Rule broken) {
            // A cycle takes two. Nobody else is in the package but the other half.
            JavaClasses classes = PLANTED.that(describe(
                    "this one",
                    one -> one.isEquivalentTo(type)
                            || (broken == Rule.NO_CLASS_CYCLE && one.getName().contains("OfACycle"))));

            assertThat(Rule.values())
                    .filteredOn(rule -> !rule.breachesIn(classes).isEmpty())
                    .containsExactly(broken);
            List<String> breaches = broken.breachesIn(classes);
            assertThat(members(classes.get(type)))
                    .allSatisfy(member ->
                            assertThat(breaches).anyMatch(breach -> breach.contains("<" + member.getFullName() + ">")));
        }

        private static List<JavaMember> members(JavaClass type) {
            return Stream.<JavaMember>concat(type.getMethods().stream(), type.getFields().stream())
                    .filter(member -> !member.getModifiers().contains(JavaModifier.SYNTHETIC))
                    .toList();
        }

        @Test
        void everyRule_hasOne() {
            assertThat(planted().map(one -> one.get()[1])).containsExactlyInAnyOrder((Object[]) Rule.values());
        }
    }

    @Nested
    class PublicApi {
        @Test
        @DisplayName("Package-private first: each public type is on this list")
        void publicTypes_areTheseAndNoMore() {
            String all = """
                    AlreadyEnabledException AuthenticatorId BackupCodes Browser BrowserId BrowserToken Challenge
                    EnrollmentHandle EnrollmentRequest EnrollmentResult EnrollmentResult.BeginAgain
                    EnrollmentResult.ClockOff EnrollmentResult.Enrolled ExistingAuthenticator KeyRing Malformed
                    MissingRecordException Operator PendingEnrollment RecordCheck RecordCheck.Report Reencryption
                    Reencryption.Page Regenerated Rejected SignInRequirement SignInRequirement.CodeRequired
                    SignInRequirement.NoCodeRequired StaleProofException TemporaryCode TrustStamp TwoFactor
                    TwoFactor.Builder TwoFactorEvent TwoFactorEvent.Detail TwoFactorEvent.Position
                    TwoFactorEvent.Rejection TwoFactorEvent.Type TwoFactorListener TwoFactorPolicy
                    TwoFactorPolicy.Builder TwoFactorStatus TwoFactorStatus.Authenticator TwoFactorStatus.Browser
                    TwoFactorStatus.Door TwoFactorStatus.Lock TwoFactorStatus.Lock.Reason TwoFactorStatus.State
                    UnreadableRecordException UserId VerificationResult VerificationResult.LockedOut
                    VerificationResult.Method VerificationResult.NotVerifiedException VerificationResult.SignInAgain
                    VerificationResult.Verified VersionWitness

                    otp.HmacAlgorithm otp.Hotp otp.KeyUri otp.KeyUri.Type otp.SharedSecret otp.Totp otp.TotpParameters
                    otp.Window

                    storage.InMemoryTwoFactorStore storage.MapTwoFactorStore storage.RecordSummary
                    storage.RecordSummary.State storage.ScannableTwoFactorStore storage.SpoiledRecordException
                    storage.StoreException storage.StoredRecord storage.TwoFactorStore storage.UserIdPage
                    """;

            assertThat(Stream.of(TwoFactor.class, StoredRecord.class)
                            .flatMap(one -> PublicTypes.besides(one).stream())
                            .map(type -> type.getCanonicalName().substring("dev.sallyport.".length())))
                    .containsExactlyInAnyOrder(all.split("\\s+"));
        }

        @Test
        @DisplayName("At most 40 top-level public types in the package that an application meets first")
        void publicTypes_ofTheMainPackage_areAtMostForty() {
            List<Class<?>> topLevel = PublicTypes.besides(TwoFactor.class).stream()
                    .filter(type -> type.getPackage().equals(TwoFactor.class.getPackage()))
                    .filter(type -> !type.isMemberClass())
                    .toList();

            assertThat(topLevel).contains(TwoFactor.class, UserId.class).hasSizeBetween(2, 40);
        }
    }
}
