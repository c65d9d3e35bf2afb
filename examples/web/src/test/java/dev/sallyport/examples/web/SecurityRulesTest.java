// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.not;
import static org.springframework.security.test.web.servlet.request.SecurityMockMvcRequestPostProcessors.csrf;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.get;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.post;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.content;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.forwardedUrl;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.header;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.redirectedUrl;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.redirectedUrlPattern;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.status;

import dev.sallyport.Browser;
import dev.sallyport.EnrollmentRequest;
import dev.sallyport.ExistingAuthenticator;
import dev.sallyport.SignInRequirement.CodeRequired;
import dev.sallyport.TwoFactor;
import dev.sallyport.TwoFactorEvent;
import dev.sallyport.TwoFactorEvent.Type;
import dev.sallyport.TwoFactorStatus.State;
import dev.sallyport.UserId;
import dev.sallyport.VerificationResult;
import dev.sallyport.VerificationResult.LockedOut;
import dev.sallyport.VerificationResult.Verified;
import dev.sallyport.otp.SharedSecret;
import dev.sallyport.otp.TotpParameters;
import dev.sallyport.testing.SteppedClock;
import jakarta.servlet.http.Cookie;
import java.io.UnsupportedEncodingException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.boot.webmvc.test.autoconfigure.AutoConfigureMockMvc;
import org.springframework.context.annotation.Import;
import org.springframework.context.event.EventListener;
import org.springframework.http.MediaType;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.security.authentication.event.InteractiveAuthenticationSuccessEvent;
import org.springframework.test.web.servlet.MockMvc;
import org.springframework.test.web.servlet.MvcResult;
import org.springframework.test.web.servlet.ResultActions;
import org.springframework.test.web.servlet.ResultMatcher;
import org.springframework.test.web.servlet.request.MockHttpServletRequestBuilder;

/** Who may see what, page by page. */
@SpringBootTest(
        properties = {
            "spring.datasource.url=jdbc:h2:mem:${random.uuid}",
            "sallyport.encryption-keys=tests:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
        })
@AutoConfigureMockMvc
@Import({StandingTime.class, SecurityRulesTest.Meanwhile.class})
class SecurityRulesTest {
    private static final SharedSecret SECRET = SharedSecret.generate();
    private static final Pattern SECRET_FOR_TYPING = Pattern.compile("class=\"secret\"[^>]*>([A-Z2-7 ]+)<");

    @Autowired
    MockMvc http;

    @Autowired
    TwoFactor twoFactor;

    @Autowired
    Users users;

    @Autowired
    TwoFactorColumns columns;

    @Autowired
    AccountDeletion deletion;

    @Autowired
    SteppedClock clock;

    @Autowired
    JdbcClient database;

    @Autowired
    Meanwhile meanwhile;

    @BeforeEach
    void clean() {
        Cleaned.clean(database);
    }

    private Phone enabled() {
        importFor("alice", SECRET);
        return Phone.typed(SECRET.toBase32(), clock);
    }

    private void importFor(String username, SharedSecret secret) {
        twoFactor
                .operator("tests")
                .importWithoutConfirmation(
                        users.idOf(username),
                        List.of(EnrollmentRequest.of(username)
                                .existing(ExistingAuthenticator.totp(secret, TotpParameters.DEFAULT)
                                        .lastUsedStep(0))));
    }

    /** What somebody gets who knows the password, and types this into a client that keeps no cookies. */
    private VerificationResult stranger(String typed) {
        CodeRequired code = (CodeRequired) twoFactor.signInRequirement(users.idOf("alice"), Browser.none());
        return twoFactor.verify(code.challenge(), typed);
    }

    private List<String> backupCodes(Phone phone) {
        return twoFactor
                .regenerateBackupCodes((Verified) stranger(phone.code()))
                .codes()
                .asList();
    }

    private static MockHttpServletRequestBuilder page(String path) {
        return get(path).accept(MediaType.TEXT_HTML);
    }

    private static MockHttpServletRequestBuilder form(String path, Cookie session) {
        return post(path).accept(MediaType.TEXT_HTML).with(csrf()).cookie(session);
    }

    private static Cookie session(MvcResult result) {
        return Objects.requireNonNull(result.getResponse().getCookie("SESSION"), "no new session");
    }

    /** What the browser has after the password. */
    private Cookie password(Cookie... sent) throws Exception {
        return password("alice", "correct horse", sent);
    }

    private Cookie password(String username, String password, Cookie... sent) throws Exception {
        MockHttpServletRequestBuilder login = post("/login")
                .accept(MediaType.TEXT_HTML)
                .param("username", username)
                .param("password", password)
                .with(csrf());
        return session(http.perform(sent.length == 0 ? login : login.cookie(sent))
                .andExpect(status().isFound())
                .andReturn());
    }

    /** And after the code. */
    private Cookie code(Phone phone, Cookie half) throws Exception {
        return session(http.perform(form("/two-factor/code", half).param("code", phone.code()))
                .andExpect(status().isFound())
                .andReturn());
    }

    /** And after the password was typed once more, to enable. */
    private Cookie begun(Cookie session) throws Exception {
        return session(http.perform(form("/two-factor/enable", session).param("password", "correct horse"))
                .andExpect(status().isOk())
                .andExpect(content().string(containsString("otpauth://")))
                .andReturn());
    }

    private static Cookie newOr(Cookie session, MvcResult result) {
        return Objects.requireNonNullElse(result.getResponse().getCookie("SESSION"), session);
    }

    /** Reads the secret that the page shows to this session. */
    private Phone scanned(Cookie session) throws Exception {
        return scanned(http.perform(page("/two-factor/enable").cookie(session))
                .andExpect(status().isOk())
                .andReturn());
    }

    private Phone scanned(MvcResult page) throws UnsupportedEncodingException {
        String html = page.getResponse().getContentAsString();
        Matcher secret = SECRET_FOR_TYPING.matcher(html);
        assertThat(secret.find()).as(html).isTrue();
        return Phone.typed(secret.group(1), clock);
    }

    /** The page that asks for the password, with nothing of the secret. */
    private void asksForThePassword(Cookie session) throws Exception {
        http.perform(page("/two-factor/enable").cookie(session))
                .andExpect(status().isOk())
                .andExpect(content().string(containsString("type=\"password\"")))
                .andExpect(content().string(not(containsString("otpauth://"))));
    }

    /** The page of settings, which is the application's own: a mock request stops where the starter forwards it. */
    private ResultActions settings(Cookie session, String query) throws Exception {
        MvcResult forwarded = http.perform(page("/two-factor" + query).cookie(session))
                .andExpect(status().isOk())
                .andExpect(forwardedUrl("/two-factor-settings"))
                .andReturn();
        return http.perform(page("/two-factor-settings" + query)
                        .cookie(session)
                        .requestAttr(
                                "sallyport",
                                Objects.requireNonNull(forwarded.getRequest().getAttribute("sallyport"))))
                .andExpect(status().isOk());
    }

    private void isSignedIn(Cookie session) throws Exception {
        http.perform(page("/profile").cookie(session)).andExpect(status().isOk());
    }

    private void isSignedOut(Cookie session) throws Exception {
        http.perform(page("/profile").cookie(session)).andExpect(redirectedUrl("/login"));
    }

    private static ResultMatcher says(String text) {
        return content().string(containsString(text));
    }

    /** The page for somebody whose sign-in has ended. */
    private static void toSignInAgain(ResultActions answer) throws Exception {
        answer.andExpect(status().isUnauthorized())
                .andExpect(says("Sign in again."))
                .andExpect(says("href=\"/login\""));
    }

    static List<String> guardedPages() {
        return List.of(
                "/",
                "/profile",
                "/activity",
                "/password",
                "/two-factor",
                "/two-factor/enable",
                "/two-factor/add",
                "/two-factor/remove",
                "/two-factor/regenerate",
                "/two-factor/disable",
                "/two-factor-settings",
                "/nowhere");
    }

    @ParameterizedTest
    @MethodSource("guardedPages")
    void page_withoutAPassword_leadsToSignIn(String path) throws Exception {
        http.perform(page(path)).andExpect(redirectedUrl("/login"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/two-factor/code", "/two-factor/code?backup=true"})
    void codePage_withoutAPassword_leadsToSignIn(String path) throws Exception {
        toSignInAgain(http.perform(page(path)));
    }

    @ParameterizedTest
    @MethodSource("guardedPages")
    void page_withThePasswordOnly_leadsToTheCode(String path) throws Exception {
        enabled();

        http.perform(page(path).cookie(password())).andExpect(redirectedUrl("/two-factor/code"));
    }

    @ParameterizedTest
    @DisplayName("[84] django-multifactor #107: with the password only, no form enrolls, changes or removes anything")
    @ValueSource(
            strings = {
                "/two-factor/enable",
                "/two-factor/confirm",
                "/two-factor/add",
                "/two-factor/remove",
                "/two-factor/regenerate",
                "/two-factor/disable",
                "/two-factor/forget",
                "/two-factor/sign-out-everywhere",
                "/password"
            })
    void change_withThePasswordOnly_isNotMade(String path) throws Exception {
        Phone phone = enabled();

        http.perform(form(path, password())
                        .param("password", "correct horse")
                        .param("code", phone.code())
                        .param("authenticator", "0123456789abcdef")
                        .param("browser", "0123456789abcdef"))
                .andExpect(redirectedUrl("/two-factor/code"));

        assertThat(stranger(phone.code())).as("the code was not even looked at").isInstanceOf(Verified.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "begin",
                "confirm",
                "add",
                "remove",
                "regenerate",
                "disable",
                "forget",
                "sign-out-everywhere",
                "step-up",
                "remember",
                "pending"
            })
    void changeOfAProgram_withThePasswordOnly_isNotMade(String name) throws Exception {
        Phone phone = enabled();

        http.perform(post("/two-factor/api/" + name)
                        .with(csrf())
                        .cookie(password())
                        .param("code", phone.code()))
                .andExpect(status().isUnauthorized())
                .andExpect(says("sallyport.problem.code-required"));

        assertThat(stranger(phone.code())).as("the code was not even looked at").isInstanceOf(Verified.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/profile", "/activity", "/two-factor", "/two-factor/enable"})
    void page_withThePasswordOfSomebodyWithoutASecondFactor_isShown(String path) throws Exception {
        http.perform(page(path).cookie(password())).andExpect(status().isOk());
    }

    @ParameterizedTest
    @ValueSource(strings = {"/two-factor/disable", "/two-factor/regenerate", "/two-factor/add"})
    void change_whereNothingIsOn_leadsToTheSettings(String path) throws Exception {
        Cookie session = password();

        http.perform(page(path).cookie(session)).andExpect(redirectedUrl("/two-factor"));
        http.perform(form(path, session).param("code", "123456").param("label", ""))
                .andExpect(status().isConflict())
                .andExpect(says("Two-factor authentication is off."))
                .andExpect(says("href=\"/two-factor\""));
    }

    @Test
    void endpoint_forPrograms_answersWithAStatus() throws Exception {
        http.perform(get("/api/me")).andExpect(status().isUnauthorized());
        Phone phone = enabled();
        Cookie half = password();
        http.perform(get("/api/me").cookie(half)).andExpect(status().isUnauthorized());
        http.perform(get("/api/me").cookie(code(phone, half))).andExpect(status().isOk());
    }

    @Test
    void session_atEachStepUp_getsANewId() throws Exception {
        Phone phone = enabled();
        Cookie anonymous = session(http.perform(page("/profile")).andReturn());
        Cookie half = session(http.perform(
                        form("/login", anonymous).param("username", "alice").param("password", "correct horse"))
                .andReturn());
        Cookie whole = code(phone, half);

        assertThat(List.of(anonymous.getValue(), half.getValue(), whole.getValue()))
                .doesNotHaveDuplicates();
        http.perform(page("/profile").cookie(whole)).andExpect(status().isOk());
        http.perform(page("/profile").cookie(half)).andExpect(redirectedUrl("/login"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/login",
                "/logout",
                "/two-factor/enable",
                "/two-factor/confirm",
                "/two-factor/disable",
                "/two-factor/sign-out-everywhere",
                "/password"
            })
    void form_withoutItsToken_isRefused(String path) throws Exception {
        http.perform(post(path).param("code", "123456").cookie(password())).andExpect(status().isForbidden());
    }

    @ParameterizedTest
    @ValueSource(strings = {"/two-factor/code", "/two-factor/cancel", "/two-factor/api/verify"})
    void formOfTheCodePage_withoutItsToken_isRefused(String path) throws Exception {
        Phone phone = enabled();

        http.perform(post(path).param("code", phone.code()).cookie(password())).andExpect(status().isForbidden());

        assertThat(stranger(phone.code())).as("the code was not even looked at").isInstanceOf(Verified.class);
    }

    @Test
    void code_usedAlready_isRefused() throws Exception {
        Phone phone = enabled();
        code(phone, password());

        http.perform(form("/two-factor/code", password()).param("code", phone.code()))
                .andExpect(status().isUnprocessableContent())
                .andExpect(says("That code is wrong or was already used."));
    }

    @Test
    void session_waitingForACode_hasNothingThatSignsIn() throws Exception {
        Phone phone = enabled();
        Cookie half = password();

        assertThat(sessionAttributes())
                .contains("sallyport.challenge")
                .doesNotContain("sallyport.stamp", "SPRING_SECURITY_CONTEXT");
        code(phone, half);
        assertThat(sessionAttributes())
                .doesNotContain("sallyport.challenge", "sallyport.waiting")
                .contains("sallyport.stamp", "SPRING_SECURITY_CONTEXT");
    }

    @Test
    void signIn_failingRightAfterThePassword_leavesNobodySignedIn() throws Exception {
        enabled();
        meanwhile.atLogin = () -> {
            throw new IllegalStateException("planted");
        };

        assertThatThrownBy(this::password).hasStackTraceContaining("planted");

        List<String> sessions = database.sql("SELECT session_id FROM spring_session")
                .query(String.class)
                .list();
        assertThat(sessions).isNotEmpty();
        for (String id : sessions) {
            Cookie session = new Cookie(
                    "SESSION", Base64.getEncoder().encodeToString(id.strip().getBytes(StandardCharsets.UTF_8)));
            http.perform(page("/").cookie(session)).andExpect(redirectedUrl("/two-factor/code"));
            http.perform(get("/api/me").cookie(session)).andExpect(status().isUnauthorized());
        }
    }

    private List<String> sessionAttributes() {
        return database.sql("SELECT attribute_name FROM spring_session_attributes")
                .query(String.class)
                .list();
    }

    @Test
    void rememberedBrowser_cookie_isForThisHostOverTlsAndOutOfReachOfScripts() throws Exception {
        Phone phone = enabled();
        MvcResult result = http.perform(form("/two-factor/code", password())
                        .param("code", phone.code())
                        .param("remember", "true"))
                .andReturn();

        assertThat(result.getResponse().getHeaders("Set-Cookie"))
                .filteredOn(cookie -> cookie.startsWith("__Host-sallyport="))
                .singleElement()
                .asString()
                .contains("Path=/;", "Max-Age=34560000;", "Secure", "HttpOnly", "SameSite=Lax")
                .doesNotContain("Domain");
    }

    private static Cookie browser(MvcResult result) {
        return Stream.of(result.getResponse().getCookies())
                .filter(cookie -> cookie.getName().equals("__Host-sallyport"))
                .findFirst()
                .orElseThrow();
    }

    private Cookie remembered(Phone phone, Cookie half) throws Exception {
        return browser(http.perform(form("/two-factor/code", half)
                        .param("code", phone.code())
                        .param("remember", "true"))
                .andReturn());
    }

    private Phone bob() {
        users.addIfMissing("bob", "Bob Example", "bob@acme.example", "battery staple");
        SharedSecret secret = SharedSecret.generate();
        importFor("bob", secret);
        return Phone.typed(secret.toBase32(), clock);
    }

    private Cookie passwordOfBob(Cookie... sent) throws Exception {
        return password("bob", "battery staple", sent);
    }

    @Test
    void rememberedBrowser_ofAnotherUser_isAskedForACode() throws Exception {
        Cookie alices = remembered(enabled(), password());
        Phone phone = bob();

        Cookie half = passwordOfBob(alices);
        http.perform(page("/").cookie(half)).andExpect(redirectedUrl("/two-factor/code"));
        Cookie ofBoth = remembered(phone, half);

        isSignedIn(passwordOfBob(ofBoth));
        isSignedIn(password(ofBoth));
        http.perform(page("/").cookie(passwordOfBob(alices))).andExpect(redirectedUrl("/two-factor/code"));
    }

    @Test
    void rememberedBrowser_forgotten_isNotRecognizedByACookieThatWasKept() throws Exception {
        Phone phone = enabled();
        Cookie kept = remembered(phone, password());
        isSignedIn(password(kept));

        http.perform(form("/two-factor/sign-out-everywhere", code(later(phone), password())));

        http.perform(page("/").cookie(password(kept))).andExpect(redirectedUrl("/two-factor/code"));
    }

    @Test
    void browser_forgotten_endsItsOwnSessionsOnly() throws Exception {
        Phone phone = enabled();
        Cookie other = code(phone, password());
        String others =
                twoFactor.status(users.idOf("alice")).browsers().get(0).id().value();
        Cookie mine = code(later(phone), password());

        http.perform(form("/two-factor/forget", mine).param("browser", others)).andExpect(redirectedUrl("/two-factor"));
        clock.advance(Duration.ofMinutes(1));
        isSignedOut(other);
        isSignedIn(mine);

        String mines =
                twoFactor.status(users.idOf("alice")).browsers().get(0).id().value();
        http.perform(form("/two-factor/forget", mine).param("browser", mines)).andExpect(redirectedUrl("/two-factor"));
        isSignedOut(mine);
    }

    @Test
    void secretPages_areKeptByNobody() throws Exception {
        MvcResult begun = isKeptByNobody(
                http.perform(form("/two-factor/enable", password()).param("password", "correct horse")));
        Cookie session = session(begun);
        isKeptByNobody(http.perform(page("/two-factor/enable").cookie(session)));
        Phone phone = scanned(session);

        MvcResult codes =
                isKeptByNobody(http.perform(form("/two-factor/confirm", session).param("code", phone.code())));
        isSignedOut(session);
        MvcResult regenerated = isKeptByNobody(http.perform(form("/two-factor/regenerate", session(codes))
                .param("code", later(phone).code())));
        Cookie whole = session(regenerated);
        MvcResult adding = isKeptByNobody(http.perform(form("/two-factor/add", whole)
                .param("label", "x")
                .param("code", later(phone).code())));
        scanned(adding);
        isKeptByNobody(http.perform(page("/two-factor/code").cookie(password())));
        isSignedOut(whole);
    }

    private static MvcResult isKeptByNobody(ResultActions answer) throws Exception {
        return answer.andExpect(status().isOk())
                .andExpect(header().string("Cache-Control", "no-store"))
                .andExpect(header().string("Content-Security-Policy", containsString("default-src 'none'")))
                .andExpect(header().string("Referrer-Policy", "same-origin"))
                .andReturn();
    }

    @Test
    void enroll_passwordCheckedLongAgo_isAskedForAgain() throws Exception {
        Cookie session = begun(password());
        clock.advance(Duration.ofMinutes(10).plusSeconds(1));

        asksForThePassword(session);
    }

    @Test
    @DisplayName("[68] A pending secret that another session began is not shown to this one")
    void enroll_begunByAnotherSession_isNotShownWithoutThePassword() throws Exception {
        begun(password());

        asksForThePassword(password());
    }

    @Test
    void enroll_begunAgainByTheOwner_isNotShownToSomebodyWhoHasThePasswordToo() throws Exception {
        Cookie attacker = begun(password());
        clock.advance(Duration.ofSeconds(1));
        Cookie owner = begun(password());

        scanned(owner);
        asksForThePassword(attacker);
    }

    @Test
    @DisplayName("[68] A pending secret that somebody else saw is dead after the owner begins again")
    void enroll_begunAgainByTheOwner_theSecretThatSomebodySawConfirmsNothing() throws Exception {
        Cookie attacker = begun(password());
        Phone attackersPhone = scanned(attacker);
        Cookie owner = begun(password());
        Phone phone = scanned(owner);

        http.perform(form("/two-factor/confirm", owner).param("code", attackersPhone.code()))
                .andExpect(status().isUnprocessableContent())
                .andExpect(says("That code is wrong or was already used."));
        http.perform(form("/two-factor/confirm", attacker).param("code", attackersPhone.code()))
                .andExpect(status().isConflict())
                .andExpect(says("The setup has ended."));
        assertThat(twoFactor.status(users.idOf("alice")).state()).isEqualTo(State.PENDING);
        http.perform(form("/two-factor/confirm", owner).param("code", phone.code()))
                .andExpect(status().isOk());
    }

    @Test
    void enroll_sessionIdKnownBeforeThePassword_seesNothing() throws Exception {
        Cookie before = password();
        begun(before);

        http.perform(page("/two-factor/enable").cookie(before)).andExpect(redirectedUrl("/login"));
    }

    @Test
    void enroll_anotherUserSignsInInTheSameSession_doesNotSeeTheSecret() throws Exception {
        bob();
        users.addIfMissing("carol", "Carol Example", "carol@acme.example", "trombone");
        Cookie alice = begun(password());
        Cookie carol = password("carol", "trombone", alice);

        asksForThePassword(carol);
    }

    @Test
    void signIn_ofAnotherUserInASignedInSession_leavesNobodySignedInUntilTheCode() throws Exception {
        bob();
        Cookie half = passwordOfBob(password());

        http.perform(page("/profile").cookie(half)).andExpect(redirectedUrl("/two-factor/code"));
        http.perform(get("/api/me").cookie(half)).andExpect(status().isUnauthorized());
    }

    @Test
    void enroll_phoneWithAWrongClock_isToldTheMinutes() throws Exception {
        Cookie session = begun(password());
        Phone phone = scanned(session);

        phone.clockOff(Duration.ofMinutes(-5));
        http.perform(form("/two-factor/confirm", session).param("code", phone.code()))
                .andExpect(status().isUnprocessableContent())
                .andExpect(says("The clock of your phone is wrong by 5 minutes. Set it to automatic"));
        phone.clockOff(Duration.ZERO);
        http.perform(form("/two-factor/confirm", session).param("code", phone.code()))
                .andExpect(status().isOk());
    }

    @Test
    void enroll_phoneWithAWrongClock_goesOnWithTwoCodesInARow() throws Exception {
        Cookie session = begun(password());
        Phone phone = scanned(session);
        phone.clockOff(Duration.ofMinutes(-5));
        http.perform(form("/two-factor/confirm", session).param("code", phone.code()))
                .andExpect(says("You can also enter two codes in a row."))
                .andExpect(says("name=\"second\""));
        String first = phone.code();

        http.perform(form("/two-factor/confirm", session)
                        .param("code", first)
                        .param("second", later(phone).code()))
                .andExpect(status().isOk())
                .andExpect(says("Your backup codes"));
        isSignedIn(code(later(phone), password()));
    }

    @Test
    @DisplayName("[68] A session that saw a pending secret before the owner enabled another: the secret opens nothing")
    void passwordOnlySession_ofBeforeEnabling_isOutWithTheSecretThatItSaw() throws Exception {
        Cookie thief = begun(password());
        Phone thiefsPhone = scanned(thief);
        Cookie owner = begun(password());
        Phone phone = scanned(owner);
        http.perform(form("/two-factor/confirm", owner).param("code", phone.code()))
                .andExpect(status().isOk());

        toSignInAgain(http.perform(form("/two-factor/confirm", thief).param("code", thiefsPhone.code())));
        isSignedOut(thief);
        Cookie half = password();
        http.perform(form("/two-factor/code", half).param("code", thiefsPhone.code()))
                .andExpect(status().isUnprocessableContent());
        http.perform(page("/profile").cookie(half)).andExpect(redirectedUrl("/two-factor/code"));
        isSignedIn(code(later(phone), password()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/two-factor/confirm", "/two-factor/code", "/two-factor/code?backup=true"})
    void code_thatLooksLikeNone_isToldWhatACodeLooksLike(String path) throws Exception {
        Cookie session;
        if (path.startsWith("/two-factor/code")) {
            enabled();
            session = password();
        } else {
            session = begun(password());
        }

        http.perform(form(path, session).param("code", "12345"))
                .andExpect(status().isUnprocessableContent())
                .andExpect(says("A code from the app has 6 digits, a backup code has 24 letters and digits."));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/two-factor/code", "/two-factor/code?backup=true"})
    void backupCode_pastedWithItsLineNumberAndBlanks_isTakenOnBothPages(String path) throws Exception {
        String code = backupCodes(enabled()).get(2);
        Cookie half = password();

        http.perform(page(path).cookie(half))
                .andExpect(content().string(not(containsString("maxlength"))))
                .andExpect(content().string(not(containsString("pattern="))));
        isSignedIn(session(http.perform(form(path, half).param("code", " 3.  " + code + " \n"))
                .andReturn()));
    }

    @Test
    void enroll_tooLate_saysThatItHasEnded() throws Exception {
        Cookie session = begun(password());
        clock.advance(Duration.ofMinutes(11));

        http.perform(form("/two-factor/confirm", session).param("code", "123456"))
                .andExpect(status().isConflict())
                .andExpect(says("The setup has ended. It took too long"));
    }

    @Test
    void enroll_whereItIsOn_leadsToTheSettings() throws Exception {
        Phone phone = enabled();
        Cookie session = code(phone, password());

        http.perform(page("/two-factor/enable").cookie(session)).andExpect(redirectedUrl("/two-factor"));
        http.perform(form("/two-factor/enable", session).param("password", "correct horse"))
                .andExpect(redirectedUrl("/two-factor"));
        http.perform(form("/two-factor/confirm", session).param("code", "123456"))
                .andExpect(status().isConflict())
                .andExpect(says("href=\"/two-factor\""))
                .andExpect(content().string(not(containsString("otpauth://"))));
    }

    @ParameterizedTest
    @DisplayName("[69] A session ends with the trust that it rests on, whichever act of the owner ends it")
    @ValueSource(
            strings = {"/two-factor/sign-out-everywhere", "/two-factor/regenerate", "/two-factor/disable", "/password"})
    void trust_ended_endsTheOtherSessions(String change) throws Exception {
        Phone phone = enabled();
        Cookie other = code(phone, password());
        Cookie mine = code(later(phone), password());

        MvcResult result = http.perform(form(change, mine)
                        .param("code", later(phone).code())
                        .param("password", "correct horse")
                        .param("newPassword", "correct zebra"))
                .andReturn();
        clock.advance(Duration.ofMinutes(1));

        isSignedOut(other);
        isSignedIn(newOr(mine, result));
    }

    @Test
    @DisplayName("[70] \"Forget all\" against a thief whose session keeps changing its id: no id of it goes on")
    void trust_endedWhileASessionChangesItsId_leavesNothingOfIt() throws Exception {
        Phone phone = enabled();
        Cookie token = remembered(phone, password());
        List<Cookie> ids = new ArrayList<>(List.of(password(token)));
        for (int i = 0; i < 5; i++) {
            // Spring Security gives the session another id at each sign-in.
            ids.add(password(ids.get(i), token));
        }
        Cookie latest = ids.get(5);
        assertThat(ids).extracting(Cookie::getValue).doesNotHaveDuplicates();
        isSignedIn(latest);
        Cookie copied = password(token);
        Cookie another = password(copied, token);
        isSignedIn(another);

        Cookie owner = session(http.perform(form("/two-factor/sign-out-everywhere", code(later(phone), password())))
                .andReturn());
        Cookie changedAfterwards = password(latest, token);
        clock.advance(Duration.ofMinutes(1));

        isSignedOut(another);
        isSignedOut(copied);
        http.perform(page("/profile").cookie(changedAfterwards)).andExpect(redirectedUrl("/two-factor/code"));
        for (Cookie id : ids) {
            isSignedOut(id);
        }
        isSignedIn(owner);
    }

    @Test
    @DisplayName("[69] A thief's session ends when the owner uses a backup code")
    void backupCode_used_endsTheOtherSessions() throws Exception {
        Phone phone = enabled();
        String backupCode = backupCodes(phone).get(0);
        Cookie thief = code(later(phone), password());

        Cookie owner = session(http.perform(form("/two-factor/code", password()).param("code", backupCode))
                .andReturn());
        clock.advance(Duration.ofMinutes(1));

        isSignedOut(thief);
        isSignedIn(owner);
    }

    @ParameterizedTest
    @DisplayName("[69] A copied cookie ends at once with the other sessions")
    @ValueSource(
            strings = {"/two-factor/sign-out-everywhere", "/two-factor/regenerate", "/two-factor/disable", "/password"})
    void copiedSession_whenTheOwnerEndsTrust_ends(String change) throws Exception {
        Phone phone = enabled();
        Cookie copied = code(phone, password());
        isSignedIn(copied);

        Cookie owner = session(http.perform(form(change, copied)
                        .param("code", later(phone).code())
                        .param("password", "correct horse")
                        .param("newPassword", "correct zebra"))
                .andReturn());

        isSignedOut(copied);
        isSignedIn(owner);
        clock.advance(Duration.ofMinutes(1));
        isSignedIn(owner);
    }

    @Test
    @DisplayName("[69] A copied cookie ends when the owner changes the settings with a backup code")
    void copiedSession_whenTheOwnerUsesABackupCode_ends() throws Exception {
        Phone phone = enabled();
        List<String> codes = backupCodes(phone);
        Cookie copied = code(later(phone), password());

        MvcResult adding = http.perform(form("/two-factor/add", copied).param("code", codes.get(0)))
                .andExpect(says("otpauth://"))
                .andReturn();

        isSignedOut(copied);
        isSignedIn(session(adding));
    }

    @Test
    void landingPage_forEverybody_namesOnlySomebodyWhoIsSignedIn() throws Exception {
        http.perform(page("/welcome"))
                .andExpect(status().isOk())
                .andExpect(content().string(not(containsString("Alice"))));
        Phone phone = enabled();
        Cookie half = password();
        http.perform(page("/welcome").cookie(half)).andExpect(redirectedUrl("/two-factor/code"));
        http.perform(get("/welcome").cookie(half))
                .andExpect(says("Welcome to Acme"))
                .andExpect(content().string(not(containsString("Alice"))));
        http.perform(page("/welcome").cookie(code(phone, half))).andExpect(says("You are signed in as Alice Example."));
    }

    @Test
    void authenticator_removed_endsTheOtherSessions() throws Exception {
        Phone phone = enabled();
        Cookie other = code(phone, password());
        MvcResult begun = http.perform(form("/two-factor/add", code(later(phone), password()))
                        .param("label", "second")
                        .param("code", later(phone).code()))
                .andReturn();
        Cookie mine = session(http.perform(form("/two-factor/confirm", session(begun))
                        .param("code", scanned(begun).code()))
                .andExpect(redirectedUrl("/two-factor"))
                .andReturn());
        settings(mine, "").andExpect(says("The authenticator was added."));
        String first = twoFactor
                .status(users.idOf("alice"))
                .authenticators()
                .get(0)
                .id()
                .value();
        Cookie after = session(http.perform(form("/two-factor/remove", mine)
                        .param("authenticator", first)
                        .param("code", later(phone).code()))
                .andExpect(redirectedUrl("/two-factor"))
                .andReturn());
        settings(after, "").andExpect(says("The authenticator was removed."));
        clock.advance(Duration.ofMinutes(1));

        isSignedOut(other);
        isSignedIn(after);
    }

    @Test
    @DisplayName("[69] A session whose trust has ended does nothing more, also before its next check")
    void session_stale_cannotSignOutTheOthersWithinTheMinute() throws Exception {
        Phone phone = enabled();
        Cookie thief = code(phone, password());
        Cookie otherThief = code(later(phone), password());
        Cookie mine = session(http.perform(form("/two-factor/sign-out-everywhere", code(later(phone), password())))
                .andReturn());

        http.perform(form("/password", thief).param("password", "correct horse").param("newPassword", "correct zebra"))
                .andExpect(redirectedUrl("/login"));
        toSignInAgain(http.perform(form("/two-factor/sign-out-everywhere", otherThief)));
        clock.advance(Duration.ofMinutes(1));
        isSignedIn(mine);
    }

    @Test
    @DisplayName("[71] A challenge of before a password change signs nobody in")
    void challenge_ofBeforeAPasswordChange_signsNobodyIn() throws Exception {
        Phone phone = enabled();
        Cookie half = password();
        http.perform(form("/password", code(phone, password()))
                        .param("password", "correct horse")
                        .param("newPassword", "correct zebra"))
                .andExpect(redirectedUrl("/profile?password"));

        toSignInAgain(http.perform(
                form("/two-factor/code", half).param("code", later(phone).code())));
        isSignedOut(half);
    }

    @Test
    void challenge_tooOld_signsNobodyIn() throws Exception {
        Phone phone = enabled();
        Cookie half = password();
        clock.advance(Duration.ofMinutes(10).plusSeconds(1));

        toSignInAgain(http.perform(form("/two-factor/code", half).param("code", phone.code())));
        isSignedOut(half);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/two-factor/sign-out-everywhere", "/password"})
    void trust_endedByAUserWithoutASecondFactor_endsTheOtherSessions(String change) throws Exception {
        Cookie other = password();
        Cookie mine = session(http.perform(form(change, password())
                        .param("password", "correct horse")
                        .param("newPassword", "correct zebra"))
                .andReturn());
        isSignedIn(other);
        clock.advance(Duration.ofMinutes(1));

        isSignedOut(other);
        isSignedIn(mine);
    }

    @Test
    void password_wrongOrTooShort_isNotChanged() throws Exception {
        Cookie session = password();

        http.perform(form("/password", session).param("password", "wrong").param("newPassword", "correct zebra"))
                .andExpect(redirectedUrl("/password?refused"));
        http.perform(form("/password", session)
                        .param("password", "correct horse")
                        .param("newPassword", "zebra"))
                .andExpect(redirectedUrl("/password?short"));
        isSignedIn(password());
    }

    @Test
    @DisplayName("[63] A browser that was used before signs in while a stranger burns codes")
    void knownBrowser_whileAStrangerBurnsCodes_signsIn() throws Exception {
        Phone phone = enabled();
        Cookie known = browser(http.perform(form("/two-factor/code", password()).param("code", phone.code()))
                .andReturn());
        do {
            clock.advance(Duration.ofHours(2));
        } while (!(stranger(phone.wrong()) instanceof LockedOut));

        http.perform(form("/two-factor/code", password()).param("code", phone.code()))
                .andExpect(status().isTooManyRequests())
                .andExpect(says("There were too many wrong codes."));
        isSignedIn(code(phone, password(known)));
    }

    @Test
    @DisplayName("[90] A thief in a signed-in session guesses: ten failures end the session, and nothing is disabled")
    void change_tenWrongCodes_signsEverybodyOut() throws Exception {
        Phone phone = enabled();
        Cookie other = code(phone, password());
        Cookie thief = code(later(phone), password());
        for (int failures = 0; failures < 10; failures++) {
            clock.advance(Duration.ofHours(2));
            http.perform(form("/two-factor/disable", thief).param("code", phone.wrong()))
                    .andExpect(status().isUnprocessableContent());
        }

        toSignInAgain(http.perform(form("/two-factor/disable", thief).param("code", phone.code())));
        isSignedOut(thief);
        isSignedOut(other);
        assertThat(twoFactor.status(users.idOf("alice")).state()).isEqualTo(State.ENABLED);
    }

    @Test
    void enabled_fromAnotherSession_endsThisOne() throws Exception {
        Cookie other = password();
        Cookie mine = begun(password());

        http.perform(form("/two-factor/confirm", mine)
                        .param("code", scanned(mine).code()))
                .andExpect(status().isOk());
        clock.advance(Duration.ofMinutes(1));

        isSignedOut(other);
    }

    @Test
    void store_failing_isA503AndTheSessionStays() throws Exception {
        Cookie session = code(enabled(), password());
        clock.advance(Duration.ofMinutes(1));
        database.sql("ALTER TABLE sallyport_record RENAME TO away").update();
        try {
            http.perform(page("/profile").cookie(session)).andExpect(status().isServiceUnavailable());
        } finally {
            database.sql("ALTER TABLE away RENAME TO sallyport_record").update();
        }

        isSignedIn(session);
    }

    @Test
    void afterTheCode_peopleGoToThePageTheyAskedFor_andNotToWhatItLoads() throws Exception {
        Phone phone = enabled();
        Cookie half = password();
        http.perform(page("/activity").cookie(half));
        http.perform(get("/api/me").accept(MediaType.ALL).cookie(half));
        http.perform(get("/unknown.js").accept(MediaType.ALL).cookie(half));

        http.perform(form("/two-factor/code", half).param("code", phone.code()))
                .andExpect(redirectedUrlPattern("**/activity?continue"));
        http.perform(get("/two-factor/script.js").cookie(password())).andExpect(status().isOk());
        http.perform(get("/two-factor/style.css")).andExpect(status().isOk());
        http.perform(get("/two-factor.css")).andExpect(status().isOk());
    }

    @Test
    void form_withATokenOfBeforeTheSignIn_isRefused() throws Exception {
        Phone phone = enabled();
        MvcResult login = http.perform(page("/login")).andReturn();
        String first = token(login);
        Cookie half = session(http.perform(post("/login")
                        .accept(MediaType.TEXT_HTML)
                        .param("username", "alice")
                        .param("password", "correct horse")
                        .param("_csrf", first)
                        .cookie(session(login)))
                .andExpect(redirectedUrl("/two-factor/code"))
                .andReturn());
        String second =
                token(http.perform(page("/two-factor/code").cookie(half)).andReturn());
        Cookie whole = session(http.perform(post("/two-factor/code")
                        .accept(MediaType.TEXT_HTML)
                        .param("code", phone.code())
                        .param("_csrf", second)
                        .cookie(half))
                .andExpect(redirectedUrl("/"))
                .andReturn());

        for (String before : List.of(first, second)) {
            http.perform(post("/two-factor/sign-out-everywhere")
                            .param("_csrf", before)
                            .cookie(whole))
                    .andExpect(status().isForbidden());
        }
        String third =
                token(http.perform(page("/two-factor/disable").cookie(whole)).andReturn());
        http.perform(post("/two-factor/sign-out-everywhere")
                        .param("_csrf", third)
                        .cookie(whole))
                .andExpect(redirectedUrl("/two-factor"));
    }

    private static String token(MvcResult result) throws UnsupportedEncodingException {
        String page = result.getResponse().getContentAsString();
        int begin = page.indexOf("value=\"", page.indexOf("name=\"_csrf\"")) + 7;
        return page.substring(begin, page.indexOf('"', begin));
    }

    @Test
    void add_whateverIsTypedAsALabel_costsNoMoreThanTheCode() throws Exception {
        Phone phone = enabled();
        Cookie session = code(phone, password());

        http.perform(form("/two-factor/add", session)
                        .param("label", "\n" + "\u00e9".repeat(300) + "\ud800")
                        .param("code", later(phone).code()))
                .andExpect(status().isOk())
                .andExpect(says("otpauth://"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"0123456789abcdef", "x", ""})
    void change_ofWhatIsNotThere_leadsToTheSettings(String id) throws Exception {
        Phone phone = enabled();
        Cookie session = code(phone, password());

        for (String path : List.of("/two-factor/remove", "/two-factor/forget")) {
            http.perform(form(path, session)
                            .param("authenticator", id)
                            .param("browser", id)
                            .param("code", later(phone).code()))
                    .andExpect(status().isNotFound())
                    .andExpect(says("That does not exist, or no longer exists."))
                    .andExpect(says("href=\"/two-factor\""));
        }
        assertThat(stranger(phone.code())).as("the code was not even looked at").isInstanceOf(Verified.class);
    }

    @Test
    void activity_refusedAttempts_leaveWhatMatters() throws Exception {
        Phone phone = enabled();
        for (int i = 0; i < 100; i++) {
            stranger(phone.wrong());
            stranger("nonsense");
        }
        clock.advance(Duration.ofMinutes(10));

        http.perform(page("/activity").cookie(code(phone, password())))
                .andExpect(content().string(containsString("An authenticator was taken over")));
    }

    @Test
    void user_deleted_isSignedOut() throws Exception {
        users.addIfMissing("bob", "Bob Example", "bob@acme.example", "battery staple");
        Cookie bob = passwordOfBob();
        isSignedIn(bob);
        deletion.delete("bob");

        http.perform(page("/").cookie(bob)).andExpect(redirectedUrl("/login"));
        http.perform(page("/login").cookie(bob)).andExpect(status().isOk());
    }

    @Test
    void userWithASecondFactor_deleted_isSignedOutAlsoHalfway() throws Exception {
        Phone phone = bob();
        UserId bob = users.idOf("bob");
        Cookie half = passwordOfBob();
        Cookie whole = code(phone, passwordOfBob());
        deletion.delete("bob");

        isSignedOut(whole);
        toSignInAgain(http.perform(
                form("/two-factor/code", half).param("code", later(phone).code())));
        assertThat(twoFactor.status(bob).state()).isEqualTo(State.OFF);
    }

    @Test
    void version_lost_isRaisedAgainAtTheNextSignIn() throws Exception {
        Phone phone = enabled();
        database.sql("UPDATE users SET two_factor_version = 0").update();

        code(phone, password());

        assertThat(columns.versionOf(users.idOf("alice"))).isPositive();
    }

    @Test
    void version_lower_isNotTaken() {
        UserId alice = users.idOf("alice");
        columns.raise(alice, 7);
        columns.raise(alice, 6);

        assertThat(columns.versionOf(alice)).isEqualTo(7);
    }

    @Test
    void settings_threeBackupCodesLeft_warn() throws Exception {
        Phone phone = enabled();
        List<String> codes = backupCodes(phone);
        Cookie session = code(later(phone), password());
        for (int used = 0; used < 7; used++) {
            settings(session, "")
                    .andExpect(content().string(not(containsString("Make new ones before you need them"))));
            session = session(http.perform(form("/two-factor/code", password()).param("code", codes.get(used)))
                    .andReturn());
        }

        settings(session, "").andExpect(says("Only 3 left. Make new ones before you need them."));
    }

    private Phone later(Phone phone) {
        clock.advance(Duration.ofSeconds(30));
        return phone;
    }

    @Test
    void change_withAProofThatGoesStaleMeanwhile_isNotMade() throws Exception {
        Phone phone = enabled();
        Cookie session = code(phone, password());
        meanwhile.next = () -> twoFactor.endTrust(users.idOf("alice"));

        toSignInAgain(http.perform(
                form("/two-factor/disable", session).param("code", later(phone).code())));
        isSignedOut(session);
        assertThat(twoFactor.status(users.idOf("alice")).state()).isEqualTo(State.ENABLED);
    }

    /** What happens between the acceptance of a password or code and its use. */
    @TestConfiguration(proxyBeanMethods = false)
    static class Meanwhile {
        private Runnable next = () -> {};
        private Runnable atLogin = () -> {};

        @EventListener
        void on(InteractiveAuthenticationSuccessEvent event) {
            Runnable now = atLogin;
            atLogin = () -> {};
            now.run();
        }

        @EventListener
        void on(TwoFactorEvent event) {
            if (event.type() == Type.CODE_ACCEPTED) {
                Runnable now = next;
                next = () -> {};
                now.run();
            }
        }
    }

    @Test
    void code_suspendedAfterFiftyFailures_saysSoAndLeavesTheBackupCodes() throws Exception {
        Phone phone = enabled();
        List<String> codes = backupCodes(phone);
        while (!(stranger(phone.wrong()) instanceof LockedOut locked
                && locked.until().isEmpty())) {
            clock.advance(Duration.ofDays(1));
        }
        Cookie half = password();

        http.perform(form("/two-factor/code", half).param("code", phone.code()))
                .andExpect(status().isTooManyRequests())
                .andExpect(says("There were too many wrong codes. Only a backup code works now."))
                .andExpect(content().string(not(containsString("Codes are checked again at"))));
        isSignedIn(session(http.perform(form("/two-factor/code", half).param("code", codes.get(0)))
                .andReturn()));
    }

    @Test
    void page_withinAMinuteOfTheLastCheck_doesNotReadTheRecord() throws Exception {
        Cookie whole = code(enabled(), password());
        database.sql("DELETE FROM sallyport_record").update();

        clock.advance(Duration.ofSeconds(59));
        http.perform(page("/").cookie(whole)).andExpect(status().isOk());
        clock.advance(Duration.ofSeconds(1));
        isSignedOut(whole);
    }

    @Test
    void change_withTheIdOfAnotherUserAmongTheParameters_isTheOwnersAllTheSame() throws Exception {
        Phone phone = enabled();
        Cookie session = code(phone, password());

        http.perform(form("/two-factor/disable", session)
                        .param("value", "4711")
                        .param("user", "4711")
                        .param("userId", "4711")
                        .param("code", later(phone).code()))
                .andExpect(redirectedUrl("/two-factor"));

        assertThat(twoFactor.status(users.idOf("alice")).state()).isEqualTo(State.OFF);
    }

    @Test
    void record_deleted_letsNobodyIn() throws Exception {
        enabled();
        database.sql("DELETE FROM sallyport_record").update();

        Cookie session = session(http.perform(post("/login")
                        .accept(MediaType.TEXT_HTML)
                        .param("username", "alice")
                        .param("password", "correct horse")
                        .with(csrf()))
                .andExpect(status().isServiceUnavailable())
                .andExpect(says("Your two-factor settings cannot be read at the moment."))
                .andReturn());
        isSignedOut(session);
    }
}
