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
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.flash;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.header;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.redirectedUrl;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.redirectedUrlPattern;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.status;

import dev.sallyport.Browser;
import dev.sallyport.EnrollmentRequest;
import dev.sallyport.ExistingAuthenticator;
import dev.sallyport.MissingRecordException;
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
import java.time.Duration;
import java.util.List;
import java.util.Objects;
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
import org.springframework.test.web.servlet.request.MockHttpServletRequestBuilder;

/** Who may see what, page by page. */
@SpringBootTest(
        properties = {
            "spring.datasource.url=jdbc:h2:mem:${random.uuid}",
            "two-factor.encryption-key=AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
        })
@AutoConfigureMockMvc
@Import({StandingTime.class, SecurityRulesTest.Meanwhile.class})
class SecurityRulesTest {
    private static final SharedSecret SECRET = SharedSecret.generate();

    @Autowired
    MockMvc http;

    @Autowired
    TwoFactor twoFactor;

    @Autowired
    Users users;

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
        return post(path).with(csrf()).cookie(session);
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
                .param("username", username)
                .param("password", password)
                .with(csrf());
        return session(http.perform(sent.length == 0 ? login : login.cookie(sent))
                .andExpect(status().isFound())
                .andReturn());
    }

    /** And after the code. */
    private Cookie code(Phone phone, Cookie half) throws Exception {
        return session(http.perform(form("/sign-in/code", half).param("code", phone.code()))
                .andExpect(status().isFound())
                .andReturn());
    }

    /** And after the password was typed once more, to enable. */
    private Cookie begun(Cookie session) throws Exception {
        return session(http.perform(form("/two-factor/enable", session).param("password", "correct horse"))
                .andExpect(redirectedUrl("/two-factor/enroll"))
                .andReturn());
    }

    private static Cookie newOr(Cookie session, MvcResult result) {
        return Objects.requireNonNullElse(result.getResponse().getCookie("SESSION"), session);
    }

    /** Reads the secret that the page shows to this session. */
    private Phone scanned(Cookie session) throws Exception {
        String html = http.perform(page("/two-factor/enroll").cookie(session))
                .andExpect(status().isOk())
                .andReturn()
                .getResponse()
                .getContentAsString();
        int begin = html.indexOf("id=\"secret\">") + 12;
        return Phone.typed(html.substring(begin, html.indexOf('<', begin)), clock);
    }

    private void isSignedIn(Cookie session) throws Exception {
        http.perform(page("/profile").cookie(session)).andExpect(status().isOk());
    }

    private void isSignedOut(Cookie session) throws Exception {
        http.perform(page("/profile").cookie(session)).andExpect(redirectedUrl("/login"));
    }

    static List<String> guardedPages() {
        return List.of(
                "/",
                "/profile",
                "/activity",
                "/password",
                "/two-factor",
                "/two-factor/enable",
                "/two-factor/enroll",
                "/two-factor/disable",
                "/two-factor/backup-codes/regenerate",
                "/nowhere");
    }

    @ParameterizedTest
    @MethodSource("guardedPages")
    @ValueSource(strings = {"/sign-in/code", "/sign-in/backup-code"})
    void page_withoutAPassword_leadsToSignIn(String path) throws Exception {
        http.perform(page(path)).andExpect(redirectedUrl("/login"));
    }

    @ParameterizedTest
    @MethodSource("guardedPages")
    void page_withThePasswordOnly_leadsToTheCode(String path) throws Exception {
        enabled();

        http.perform(page(path).cookie(password())).andExpect(redirectedUrl("/sign-in/code"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/two-factor/enable",
                "/two-factor/enroll",
                "/two-factor/enroll/cancel",
                "/two-factor/disable",
                "/two-factor/backup-codes/regenerate",
                "/two-factor/backup-codes/saved",
                "/two-factor/authenticators/add",
                "/two-factor/authenticators/remove",
                "/two-factor/browsers/forget",
                "/two-factor/sign-out-everywhere",
                "/password"
            })
    void change_withThePasswordOnly_isNotMade(String path) throws Exception {
        Phone phone = enabled();

        http.perform(form(path, password()).param("code", phone.code()).param("id", "0123456789abcdef"))
                .andExpect(redirectedUrl("/sign-in/code"));

        assertThat(stranger(phone.code())).as("the code was not even looked at").isInstanceOf(Verified.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/profile", "/activity", "/two-factor", "/two-factor/enable"})
    void page_withThePasswordOfSomebodyWithoutASecondFactor_isShown(String path) throws Exception {
        http.perform(page(path).cookie(password())).andExpect(status().isOk());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"/two-factor/disable", "/two-factor/backup-codes/regenerate", "/two-factor/authenticators/add"})
    void change_whereNothingIsOn_leadsToTheSettings(String path) throws Exception {
        Cookie session = password();

        http.perform(page(path).cookie(session)).andExpect(redirectedUrl("/two-factor"));
        http.perform(form(path, session).param("code", "123456").param("label", ""))
                .andExpect(redirectedUrl("/two-factor"));
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
            strings = {"/login", "/logout", "/sign-in/code", "/two-factor/enable", "/two-factor/disable", "/password"})
    void form_withoutItsToken_isRefused(String path) throws Exception {
        http.perform(post(path).param("code", "123456").cookie(password())).andExpect(status().isForbidden());
    }

    @Test
    void code_usedAlready_isRefused() throws Exception {
        Phone phone = enabled();
        code(phone, password());

        http.perform(form("/sign-in/code", password()).param("code", phone.code()))
                .andExpect(redirectedUrl("/sign-in/code"))
                .andExpect(flash().attribute("trouble", "REFUSED"));
    }

    @Test
    void session_waitingForACode_hasNothingThatSignsIn() throws Exception {
        Phone phone = enabled();
        Cookie half = password();

        assertThat(sessionAttributes())
                .anyMatch(name -> name.endsWith(".challenge"))
                .noneMatch(name -> name.endsWith(".stamp") || name.contains("SECURITY_CONTEXT"));
        code(phone, half);
        assertThat(sessionAttributes())
                .noneMatch(name -> name.endsWith(".challenge"))
                .anyMatch(name -> name.endsWith(".stamp"))
                .anyMatch(name -> name.contains("SECURITY_CONTEXT"));
    }

    @Test
    void signIn_failingRightAfterThePassword_leavesNobodySignedIn() {
        enabled();
        meanwhile.atLogin = () -> {
            throw new IllegalStateException("planted");
        };

        assertThatThrownBy(this::password).hasStackTraceContaining("planted");

        assertThat(sessionAttributes()).noneMatch(name -> name.contains("SECURITY_CONTEXT"));
    }

    private List<String> sessionAttributes() {
        return database.sql("SELECT attribute_name FROM spring_session_attributes")
                .query(String.class)
                .list();
    }

    @Test
    void rememberedBrowser_cookie_isForThisHostOverTlsAndOutOfReachOfScripts() throws Exception {
        Phone phone = enabled();
        MvcResult result = http.perform(form("/sign-in/code", password())
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
        return browser(http.perform(
                        form("/sign-in/code", half).param("code", phone.code()).param("remember", "true"))
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
        http.perform(page("/").cookie(half)).andExpect(redirectedUrl("/sign-in/code"));
        Cookie ofBoth = remembered(phone, half);

        isSignedIn(passwordOfBob(ofBoth));
        isSignedIn(password(ofBoth));
        http.perform(page("/").cookie(passwordOfBob(alices))).andExpect(redirectedUrl("/sign-in/code"));
    }

    @Test
    void rememberedBrowser_forgotten_isNotRecognizedByACookieThatWasKept() throws Exception {
        Phone phone = enabled();
        Cookie kept = remembered(phone, password());
        isSignedIn(password(kept));

        http.perform(form("/two-factor/sign-out-everywhere", code(later(phone), password())));

        http.perform(page("/").cookie(password(kept))).andExpect(redirectedUrl("/sign-in/code"));
    }

    @Test
    void browser_forgotten_endsItsOwnSessionsOnly() throws Exception {
        Phone phone = enabled();
        Cookie other = code(phone, password());
        String others =
                twoFactor.status(users.idOf("alice")).browsers().get(0).id().value();
        Cookie mine = code(later(phone), password());

        http.perform(form("/two-factor/browsers/forget", mine).param("id", others))
                .andExpect(redirectedUrl("/two-factor"));
        clock.advance(Duration.ofMinutes(1));
        isSignedOut(other);
        isSignedIn(mine);

        String mines =
                twoFactor.status(users.idOf("alice")).browsers().get(0).id().value();
        http.perform(form("/two-factor/browsers/forget", mine).param("id", mines))
                .andExpect(redirectedUrl("/login?signedOut"));
        isSignedOut(mine);
    }

    @Test
    void secretPages_areKeptByNobody() throws Exception {
        Cookie session = begun(password());
        isKeptByNobody(http.perform(page("/two-factor/enroll").cookie(session)));
        Phone phone = scanned(session);

        MvcResult codes =
                isKeptByNobody(http.perform(form("/two-factor/enroll", session).param("code", phone.code())));
        Cookie whole = session(codes);
        isKeptByNobody(http.perform(form("/two-factor/backup-codes/regenerate", whole)
                .param("code", later(phone).code())));
        Cookie adding = session(http.perform(form("/two-factor/authenticators/add", whole)
                        .param("label", "x")
                        .param("code", later(phone).code()))
                .andExpect(redirectedUrl("/two-factor/enroll"))
                .andReturn());
        isKeptByNobody(http.perform(page("/two-factor/enroll").cookie(adding)));
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

        http.perform(page("/two-factor/enroll").cookie(session)).andExpect(redirectedUrl("/two-factor/enable"));
    }

    @Test
    void enroll_begunByAnotherSession_isNotShownWithoutThePassword() throws Exception {
        begun(password());

        http.perform(page("/two-factor/enroll").cookie(password())).andExpect(redirectedUrl("/two-factor/enable"));
    }

    @Test
    void enroll_begunAnewByTheOwner_isNotShownToWhoHasThePasswordToo() throws Exception {
        Cookie attacker = begun(password());
        clock.advance(Duration.ofSeconds(1));
        Cookie owner = begun(password());

        http.perform(page("/two-factor/enroll").cookie(owner)).andExpect(status().isOk());
        http.perform(page("/two-factor/enroll").cookie(attacker)).andExpect(redirectedUrl("/two-factor/enable"));
    }

    @Test
    @DisplayName("68: a pending secret that somebody else saw is dead after the owner begins again")
    void enroll_begunAgainByTheOwner_theSecretThatSomebodySawConfirmsNothing() throws Exception {
        Cookie attacker = begun(password());
        Phone attackersPhone = scanned(attacker);
        Cookie owner = begun(password());
        Phone phone = scanned(owner);

        http.perform(form("/two-factor/enroll", owner).param("code", attackersPhone.code()))
                .andExpect(redirectedUrl("/two-factor/enroll"))
                .andExpect(flash().attribute("trouble", "REFUSED"));
        http.perform(form("/two-factor/enroll", attacker).param("code", attackersPhone.code()))
                .andExpect(redirectedUrl("/two-factor?ended"));
        assertThat(twoFactor.status(users.idOf("alice")).state()).isEqualTo(State.PENDING);
        http.perform(form("/two-factor/enroll", owner).param("code", phone.code()))
                .andExpect(status().isOk());
    }

    @Test
    void enroll_sessionIdKnownBeforeThePassword_seesNothing() throws Exception {
        Cookie before = password();
        begun(before);

        http.perform(page("/two-factor/enroll").cookie(before)).andExpect(redirectedUrl("/login"));
    }

    @Test
    void enroll_anotherUserSignsInInTheSameSession_doesNotSeeTheSecret() throws Exception {
        bob();
        users.addIfMissing("carol", "Carol Example", "carol@acme.example", "trombone");
        Cookie alice = begun(password());
        Cookie carol = password("carol", "trombone", alice);

        http.perform(page("/two-factor/enroll").cookie(carol)).andExpect(redirectedUrl("/two-factor/enable"));
    }

    @Test
    void signIn_ofAnotherUserInASignedInSession_leavesNobodySignedInUntilTheCode() throws Exception {
        bob();
        Cookie half = passwordOfBob(password());

        http.perform(page("/profile").cookie(half)).andExpect(redirectedUrl("/sign-in/code"));
        http.perform(get("/api/me").cookie(half)).andExpect(status().isUnauthorized());
    }

    @Test
    void enroll_phoneWithAWrongClock_isToldTheMinutes() throws Exception {
        Cookie session = begun(password());
        Phone phone = scanned(session);

        http.perform(form("/two-factor/enroll", session).param("code", phone.codeBefore(Duration.ofMinutes(5))))
                .andExpect(redirectedUrl("/two-factor/enroll"));
        http.perform(page("/two-factor/enroll").cookie(session))
                .andExpect(content().string(containsString("clock is 5 minutes off. Set it to automatic.")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/two-factor/enroll", "/sign-in/code", "/sign-in/backup-code"})
    void code_thatLooksLikeNone_isToldWhatACodeLooksLike(String path) throws Exception {
        Cookie session;
        if (path.startsWith("/sign-in")) {
            enabled();
            session = password();
        } else {
            session = begun(password());
        }

        http.perform(form(path, session).param("code", "12345")).andExpect(redirectedUrl(path));
        http.perform(page(path).cookie(session))
                .andExpect(
                        content().string(containsString("A code has 6 digits, a backup code 24 letters and digits.")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/sign-in/code", "/sign-in/backup-code"})
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

        http.perform(form("/two-factor/enroll", session).param("code", "123456"))
                .andExpect(redirectedUrl("/two-factor?ended"));
        http.perform(page("/two-factor?ended").cookie(session))
                .andExpect(content().string(containsString("That set-up has ended: it took too long")));
    }

    @Test
    void enroll_whereItIsOn_leadsToTheSettings() throws Exception {
        Phone phone = enabled();
        Cookie session = code(phone, password());

        http.perform(page("/two-factor/enable").cookie(session)).andExpect(redirectedUrl("/two-factor"));
        http.perform(page("/two-factor/enroll").cookie(session)).andExpect(redirectedUrl("/two-factor"));
        http.perform(form("/two-factor/enroll", session).param("code", "123456"))
                .andExpect(redirectedUrl("/two-factor"));
    }

    @ParameterizedTest
    @DisplayName("69, 70: a session ends with the trust that it rests on, and none has to be found")
    @ValueSource(
            strings = {
                "/two-factor/sign-out-everywhere",
                "/two-factor/backup-codes/regenerate",
                "/two-factor/disable",
                "/password"
            })
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
    @DisplayName("69: a thief's session ends when the owner uses a backup code")
    void backupCode_used_endsTheOtherSessions() throws Exception {
        Phone phone = enabled();
        String backupCode = backupCodes(phone).get(0);
        Cookie thief = code(later(phone), password());

        Cookie owner =
                session(http.perform(form("/sign-in/backup-code", password()).param("code", backupCode))
                        .andReturn());
        clock.advance(Duration.ofMinutes(1));

        isSignedOut(thief);
        isSignedIn(owner);
    }

    @Test
    void authenticator_removed_endsTheOtherSessions() throws Exception {
        Phone phone = enabled();
        Cookie other = code(phone, password());
        Cookie adding = session(http.perform(form("/two-factor/authenticators/add", code(later(phone), password()))
                        .param("label", "second")
                        .param("code", later(phone).code()))
                .andReturn());
        Cookie mine = session(http.perform(form("/two-factor/enroll", adding)
                        .param("code", scanned(adding).code()))
                .andExpect(redirectedUrl("/two-factor?added"))
                .andReturn());
        String first = twoFactor
                .status(users.idOf("alice"))
                .authenticators()
                .get(0)
                .id()
                .value();
        http.perform(form("/two-factor/authenticators/remove", mine)
                        .param("id", first)
                        .param("code", later(phone).code()))
                .andExpect(redirectedUrl("/two-factor?removed"));
        clock.advance(Duration.ofMinutes(1));

        isSignedOut(other);
        isSignedIn(mine);
    }

    @Test
    void session_stale_cannotSignOutTheOthersWithinTheMinute() throws Exception {
        Phone phone = enabled();
        Cookie thief = code(phone, password());
        Cookie mine = session(http.perform(form("/two-factor/sign-out-everywhere", code(later(phone), password())))
                .andReturn());

        for (String change : List.of("/two-factor/sign-out-everywhere", "/password", "/two-factor/enroll/cancel")) {
            http.perform(form(change, thief).param("password", "correct horse").param("newPassword", "correct zebra"))
                    .andExpect(redirectedUrl("/login"));
        }
        clock.advance(Duration.ofMinutes(1));
        isSignedIn(mine);
    }

    @Test
    @DisplayName("71: a challenge of before a password change signs nobody in")
    void challenge_ofBeforeAPasswordChange_signsNobodyIn() throws Exception {
        Phone phone = enabled();
        Cookie half = password();
        http.perform(form("/password", code(phone, password()))
                        .param("password", "correct horse")
                        .param("newPassword", "correct zebra"))
                .andExpect(redirectedUrl("/profile?password"));

        http.perform(form("/sign-in/code", half).param("code", later(phone).code()))
                .andExpect(redirectedUrl("/login?again"));
        isSignedOut(half);
        http.perform(page("/login?again").cookie(half)).andExpect(content().string(containsString("Sign in again.")));
    }

    @Test
    void challenge_tooOld_signsNobodyIn() throws Exception {
        Phone phone = enabled();
        Cookie half = password();
        clock.advance(Duration.ofMinutes(10).plusSeconds(1));

        http.perform(form("/sign-in/code", half).param("code", phone.code())).andExpect(redirectedUrl("/login?again"));
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
    @DisplayName("63: a browser that was used before signs in while a stranger burns codes")
    void knownBrowser_whileAStrangerBurnsCodes_signsIn() throws Exception {
        Phone phone = enabled();
        Cookie known = browser(http.perform(form("/sign-in/code", password()).param("code", phone.code()))
                .andReturn());
        do {
            clock.advance(Duration.ofHours(2));
        } while (!(stranger(phone.wrong()) instanceof LockedOut));

        http.perform(form("/sign-in/code", password()).param("code", phone.code()))
                .andExpect(redirectedUrl("/sign-in/code"))
                .andExpect(flash().attribute("trouble", "LOCKED"));
        isSignedIn(code(phone, password(known)));
    }

    @Test
    void change_tenWrongCodes_signsEverybodyOut() throws Exception {
        Phone phone = enabled();
        Cookie other = code(phone, password());
        Cookie thief = code(later(phone), password());
        for (int failures = 0; failures < 10; failures++) {
            clock.advance(Duration.ofHours(2));
            http.perform(form("/two-factor/disable", thief).param("code", phone.wrong()))
                    .andExpect(status().isOk());
        }

        http.perform(form("/two-factor/disable", thief).param("code", phone.code()))
                .andExpect(redirectedUrl("/login"));
        isSignedOut(other);
        assertThat(twoFactor.status(users.idOf("alice")).state()).isEqualTo(State.ENABLED);
    }

    @Test
    void enabled_fromAnotherSession_endsThisOne() throws Exception {
        Cookie other = password();
        Cookie mine = begun(password());

        http.perform(form("/two-factor/enroll", mine)
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

        http.perform(form("/sign-in/code", half).param("code", phone.code()))
                .andExpect(redirectedUrlPattern("**/activity?continue"));
        http.perform(get("/two-factor.js").cookie(password())).andExpect(status().isOk());
        http.perform(get("/two-factor.css")).andExpect(status().isOk());
    }

    @Test
    void form_withTheTokenOfTheStepBefore_isRefused() throws Exception {
        Phone phone = enabled();
        MvcResult login = http.perform(page("/login")).andReturn();
        String token = token(login);
        MvcResult passed = http.perform(post("/login")
                        .param("username", "alice")
                        .param("password", "correct horse")
                        .param("_csrf", token)
                        .cookie(session(login)))
                .andExpect(redirectedUrl("/sign-in/code"))
                .andReturn();
        Cookie half = session(passed);

        http.perform(post("/sign-in/code")
                        .param("code", phone.code())
                        .param("_csrf", token)
                        .cookie(half))
                .andExpect(status().isForbidden());
        String next = token(http.perform(page("/sign-in/code").cookie(half)).andReturn());
        http.perform(post("/sign-in/code")
                        .param("code", phone.code())
                        .param("_csrf", next)
                        .cookie(half))
                .andExpect(redirectedUrl("/"));
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

        http.perform(form("/two-factor/authenticators/add", session)
                        .param("label", "\n" + "\u00e9".repeat(300) + "\ud800")
                        .param("code", later(phone).code()))
                .andExpect(redirectedUrl("/two-factor/enroll"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"0123456789abcdef", "x", ""})
    void change_ofWhatIsNotThere_leadsToTheSettings(String id) throws Exception {
        Phone phone = enabled();
        Cookie session = code(phone, password());

        http.perform(page("/two-factor/authenticators/remove?id=" + id).cookie(session))
                .andExpect(redirectedUrl("/two-factor"));
        for (String path : List.of("/two-factor/authenticators/remove", "/two-factor/browsers/forget")) {
            http.perform(form(path, session).param("id", id).param("code", "123456"))
                    .andExpect(redirectedUrl("/two-factor"));
        }
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
        database.sql("DELETE FROM users WHERE username = 'bob'").update();

        http.perform(page("/").cookie(bob)).andExpect(redirectedUrl("/login"));
        http.perform(page("/login").cookie(bob)).andExpect(status().isOk());
    }

    @Test
    void version_lost_isRaisedAgainAtTheNextSignIn() throws Exception {
        Phone phone = enabled();
        database.sql("UPDATE users SET two_factor_version = 0").update();

        code(phone, password());

        assertThat(users.twoFactorVersion(users.idOf("alice"))).isPositive();
    }

    @Test
    void version_lower_isNotTaken() {
        UserId alice = users.idOf("alice");
        users.raiseTwoFactorVersion(alice, 7);
        users.raiseTwoFactorVersion(alice, 6);

        assertThat(users.twoFactorVersion(alice)).isEqualTo(7);
    }

    @Test
    void settings_threeBackupCodesLeft_warn() throws Exception {
        Phone phone = enabled();
        List<String> codes = backupCodes(phone);
        Cookie session = code(later(phone), password());
        for (int used = 0; used < 7; used++) {
            http.perform(page("/two-factor").cookie(session))
                    .andExpect(content().string(not(containsString("Make new ones before you need them"))));
            session = session(
                    http.perform(form("/sign-in/backup-code", password()).param("code", codes.get(used)))
                            .andReturn());
        }

        http.perform(page("/two-factor").cookie(session))
                .andExpect(content().string(containsString("Only 3 left. Make new ones before you need them.")));
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

        http.perform(form("/two-factor/disable", session)
                        .param("code", later(phone).code()))
                .andExpect(redirectedUrl("/login?again"));
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

        http.perform(form("/sign-in/code", half).param("code", phone.code())).andExpect(redirectedUrl("/sign-in/code"));
        http.perform(page("/sign-in/code").cookie(half))
                .andExpect(content().string(containsString("Too many attempts. Use a backup code")))
                .andExpect(content().string(not(containsString("wait until"))));
        isSignedIn(session(http.perform(form("/sign-in/backup-code", half).param("code", codes.get(0)))
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
                .andExpect(redirectedUrl("/two-factor?disabled"));

        assertThat(twoFactor.status(users.idOf("alice")).state()).isEqualTo(State.OFF);
    }

    @Test
    void record_deleted_letsNobodyIn() throws Exception {
        enabled();
        database.sql("DELETE FROM sallyport_record").update();

        assertThatThrownBy(this::password).isInstanceOf(MissingRecordException.class);
    }
}
