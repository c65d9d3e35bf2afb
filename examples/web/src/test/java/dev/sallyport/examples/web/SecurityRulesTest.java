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
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.header;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.redirectedUrl;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.redirectedUrlPattern;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.status;

import dev.sallyport.AuthenticatorSeed;
import dev.sallyport.EnrollmentRequest;
import dev.sallyport.MissingRecordException;
import dev.sallyport.TwoFactor;
import dev.sallyport.TwoFactorEvent;
import dev.sallyport.TwoFactorEvent.Type;
import dev.sallyport.TwoFactorStatus.State;
import dev.sallyport.VerificationResult.Suspended;
import dev.sallyport.VerificationResult.Verified;
import dev.sallyport.otp.SharedSecret;
import dev.sallyport.otp.TotpParameters;
import jakarta.servlet.http.Cookie;
import java.io.UnsupportedEncodingException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
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
@Import({SteppedClock.Configuration.class, SecurityRulesTest.Meanwhile.class})
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
        twoFactor.importWithoutConfirmation(
                users.idOf("alice"),
                EnrollmentRequest.of("alice@acme.example")
                        .seed(AuthenticatorSeed.totp(SECRET, TotpParameters.DEFAULT)));
        return Phone.typed(SECRET.toBase32(), clock);
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
    private Cookie password() throws Exception {
        return session(http.perform(post("/login")
                        .param("username", "alice")
                        .param("password", "correct horse")
                        .with(csrf()))
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

    static List<String> guardedPages() {
        return List.of(
                "/",
                "/profile",
                "/activity",
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
                "/two-factor/browsers/forget-all"
            })
    void change_withThePasswordOnly_isNotMade(String path) throws Exception {
        Phone phone = enabled();

        http.perform(form(path, password()).param("code", phone.code()).param("id", "0123456789abcdef"))
                .andExpect(redirectedUrl("/sign-in/code"));

        assertThat(twoFactor.verify(users.idOf("alice"), phone.code()))
                .as("the code was not even looked at")
                .isInstanceOf(Verified.class);
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
    @ValueSource(strings = {"/login", "/logout", "/sign-in/code", "/two-factor/enable", "/two-factor/disable"})
    void form_withoutItsToken_isRefused(String path) throws Exception {
        http.perform(post(path).param("code", "123456").cookie(password())).andExpect(status().isForbidden());
    }

    @Test
    void code_usedAlready_isRefused() throws Exception {
        Phone phone = enabled();
        code(phone, password());

        http.perform(form("/sign-in/code", password()).param("code", phone.code()))
                .andExpect(redirectedUrl("/sign-in/code?refused"));
    }

    @Test
    void rememberedBrowser_cookie_isForThisHostOverTlsAndOutOfReachOfScripts() throws Exception {
        Phone phone = enabled();
        MvcResult result = http.perform(form("/sign-in/code", password())
                        .param("code", phone.code())
                        .param("remember", "true"))
                .andReturn();

        assertThat(result.getResponse().getHeaders("Set-Cookie"))
                .filteredOn(cookie -> cookie.startsWith("__Host-browser-"))
                .singleElement()
                .asString()
                .contains("Path=/;", "Max-Age=2592000;", "Secure", "HttpOnly", "SameSite=Lax")
                .doesNotContain("Domain");
    }

    private static Cookie browser(MvcResult result) {
        return Stream.of(result.getResponse().getCookies())
                .filter(cookie -> cookie.getName().startsWith("__Host-browser-"))
                .findFirst()
                .orElseThrow();
    }

    private Cookie remembered(Phone phone, Cookie half) throws Exception {
        return browser(http.perform(
                        form("/sign-in/code", half).param("code", phone.code()).param("remember", "true"))
                .andReturn());
    }

    @Test
    void rememberedBrowser_valueOfAnotherUser_isAskedForACode() throws Exception {
        Cookie alices = remembered(enabled(), password());
        users.addIfMissing("bob", "Bob Example", "bob@acme.example", "battery staple");
        SharedSecret secret = SharedSecret.generate();
        twoFactor.importWithoutConfirmation(
                users.idOf("bob"),
                EnrollmentRequest.of("bob@acme.example").seed(AuthenticatorSeed.totp(secret, TotpParameters.DEFAULT)));
        Cookie bobs = remembered(Phone.typed(secret.toBase32(), clock), passwordOfBob());

        http.perform(page("/").cookie(passwordOfBob(), bobs)).andExpect(status().isOk());
        http.perform(page("/").cookie(passwordOfBob(), new Cookie(bobs.getName(), alices.getValue())))
                .andExpect(redirectedUrl("/sign-in/code"));
        http.perform(page("/").cookie(passwordOfBob(), alices)).andExpect(redirectedUrl("/sign-in/code"));
    }

    private Cookie passwordOfBob() throws Exception {
        return session(http.perform(post("/login")
                        .param("username", "bob")
                        .param("password", "battery staple")
                        .with(csrf()))
                .andReturn());
    }

    @Test
    void rememberedBrowser_forgotten_isNotRecognizedByACookieThatWasKept() throws Exception {
        Phone phone = enabled();
        Cookie kept = remembered(phone, password());
        http.perform(page("/").cookie(password(), kept)).andExpect(status().isOk());

        http.perform(form("/two-factor/browsers/forget-all", code(later(phone), password())));

        http.perform(page("/").cookie(password(), kept)).andExpect(redirectedUrl("/sign-in/code"));
    }

    @Test
    void secretPages_areKeptByNobody() throws Exception {
        Cookie session = begun(password());
        isKeptByNobody(http.perform(page("/two-factor/enroll").cookie(session)));
        String secret =
                twoFactor.pendingEnrollment(users.idOf("alice")).orElseThrow().secretForTyping();
        Phone phone = Phone.typed(secret, clock);

        MvcResult codes =
                isKeptByNobody(http.perform(form("/two-factor/enroll", session).param("code", phone.code())));
        Cookie whole = session(codes);
        isKeptByNobody(http.perform(form("/two-factor/backup-codes/regenerate", whole)
                .param("code", later(phone).code())));
        isKeptByNobody(http.perform(form("/two-factor/authenticators/add", whole)
                .param("label", "x")
                .param("code", later(phone).code())));
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
        clock.step(Duration.ofMinutes(10));

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
        clock.step(Duration.ofSeconds(1));
        Cookie owner = begun(password());

        http.perform(page("/two-factor/enroll").cookie(owner)).andExpect(status().isOk());
        http.perform(page("/two-factor/enroll").cookie(attacker)).andExpect(redirectedUrl("/two-factor/enable"));
    }

    @Test
    void enroll_tooLate_saysThatItHasEnded() throws Exception {
        Cookie session = begun(password());
        clock.step(Duration.ofMinutes(11));

        http.perform(form("/two-factor/enroll", session).param("code", "123456"))
                .andExpect(redirectedUrl("/two-factor?ended"));
        http.perform(page("/two-factor?ended").cookie(session))
                .andExpect(content().string(containsString("The set-up has taken too long")));
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

    @Test
    void trust_ended_endsTheOtherSessions() throws Exception {
        Phone phone = enabled();
        for (String change : List.of("/two-factor/browsers/forget-all", "/two-factor/disable")) {
            Cookie other = code(later(phone), password());
            Cookie mine = code(later(phone), password());

            http.perform(form(change, mine).param("code", later(phone).code())).andExpect(status().isFound());

            http.perform(page("/profile").cookie(other)).andExpect(redirectedUrl("/login"));
            http.perform(page("/profile").cookie(mine)).andExpect(status().isOk());
        }
    }

    @Test
    void enabled_fromAnotherSession_endsThisOne() throws Exception {
        Cookie other = password();
        Cookie mine = begun(password());
        Phone phone = Phone.typed(
                twoFactor.pendingEnrollment(users.idOf("alice")).orElseThrow().secretForTyping(), clock);

        http.perform(form("/two-factor/enroll", mine).param("code", phone.code()))
                .andExpect(status().isOk());

        http.perform(page("/profile").cookie(other)).andExpect(redirectedUrl("/login"));
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
                .andExpect(redirectedUrl("/"))
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
                .andExpect(status().isOk())
                .andExpect(content().string(containsString("Scan this")));
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
            twoFactor.verify(users.idOf("alice"), phone.wrong());
            twoFactor.verify(users.idOf("alice"), "nonsense");
        }
        clock.step(Duration.ofMinutes(10));

        http.perform(page("/activity").cookie(code(phone, password())))
                .andExpect(content().string(containsString("An authenticator was added")));
    }

    @Test
    void user_deleted_isSignedOut() throws Exception {
        users.addIfMissing("bob", "Bob Example", "bob@acme.example", "battery staple");
        Cookie bob = session(http.perform(post("/login")
                        .param("username", "bob")
                        .param("password", "battery staple")
                        .with(csrf()))
                .andReturn());
        database.sql("DELETE FROM users WHERE username = 'bob'").update();

        http.perform(page("/").cookie(bob)).andExpect(redirectedUrl("/login"));
        http.perform(page("/login").cookie(bob)).andExpect(status().isOk());
    }

    @Test
    void flag_lost_isSetAgainAtTheNextSignIn() throws Exception {
        Phone phone = enabled();
        users.setTwoFactorEnabled(users.idOf("alice"), false);

        http.perform(page("/").cookie(password())).andExpect(redirectedUrl("/sign-in/code"));
        code(phone, password());

        assertThat(users.isTwoFactorEnabled(users.idOf("alice"))).isTrue();
    }

    @Test
    void settings_threeBackupCodesLeft_warn() throws Exception {
        Phone phone = enabled();
        List<String> codes = twoFactor
                .regenerateBackupCodes((Verified) twoFactor.verify(users.idOf("alice"), phone.code()))
                .asList();
        Cookie session = code(later(phone), password());
        for (int used = 0; used < 7; used++) {
            http.perform(page("/two-factor").cookie(session))
                    .andExpect(content().string(not(containsString("Make new ones before you need them"))));
            twoFactor.verify(users.idOf("alice"), codes.get(used));
        }

        http.perform(page("/two-factor").cookie(session))
                .andExpect(content().string(containsString("Only 3 left. Make new ones before you need them.")));
    }

    private Phone later(Phone phone) {
        clock.step(Duration.ofSeconds(30));
        return phone;
    }

    @Test
    void change_withAProofThatGoesStaleMeanwhile_asksForACodeAgain() throws Exception {
        Phone phone = enabled();
        Cookie session = code(phone, password());
        meanwhile.next = () -> twoFactor.forgetBrowsers(users.idOf("alice"));

        http.perform(form("/two-factor/disable", session)
                        .param("code", later(phone).code()))
                .andExpect(status().isOk())
                .andExpect(content().string(containsString("Enter a code again.")));
        assertThat(twoFactor.status(users.idOf("alice")).state()).isEqualTo(State.ENABLED);
    }

    /** What somebody else does between the acceptance of a code and its use. */
    @TestConfiguration(proxyBeanMethods = false)
    static class Meanwhile {
        private Runnable next = () -> {};

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
    void code_suspendedAfterAHundredFailures_saysSoAndLeavesTheBackupCodes() throws Exception {
        Phone phone = enabled();
        while (!(twoFactor.verify(users.idOf("alice"), phone.wrong()) instanceof Suspended)) {
            clock.step(Duration.ofDays(1));
        }
        Cookie half = password();

        http.perform(page("/sign-in/code").cookie(half))
                .andExpect(content().string(containsString("suspended after too many wrong ones")));
        http.perform(page("/sign-in/backup-code").cookie(half))
                .andExpect(status().isOk())
                .andExpect(content().string(not(containsString("suspended"))));
    }

    @Test
    void page_afterTheCode_readsTheRecordNoMore() throws Exception {
        Cookie whole = code(enabled(), password());
        database.sql("DELETE FROM sallyport_record").update();

        http.perform(page("/").cookie(whole)).andExpect(status().isOk());
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

        assertThat(twoFactor.status(users.idOf("alice")).state()).isEqualTo(State.NOT_ENROLLED);
    }

    @Test
    void record_deletedBehindTheFlag_letsNobodyIn() throws Exception {
        enabled();
        database.sql("DELETE FROM sallyport_record").update();
        Cookie half = password();

        assertThatThrownBy(() -> http.perform(page("/").cookie(half))).isInstanceOf(MissingRecordException.class);
    }
}
