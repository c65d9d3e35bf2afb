// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.spring;

import dev.sallyport.AlreadyEnabledException;
import dev.sallyport.AuthenticatorId;
import dev.sallyport.BrowserId;
import dev.sallyport.EnrollmentHandle;
import dev.sallyport.EnrollmentRequest;
import dev.sallyport.EnrollmentResult;
import dev.sallyport.EnrollmentResult.BeginAgain;
import dev.sallyport.EnrollmentResult.ClockOff;
import dev.sallyport.EnrollmentResult.Enrolled;
import dev.sallyport.MissingRecordException;
import dev.sallyport.PendingEnrollment;
import dev.sallyport.Regenerated;
import dev.sallyport.SignInRequirement.CodeRequired;
import dev.sallyport.SignInRequirement.NoCodeRequired;
import dev.sallyport.StaleProofException;
import dev.sallyport.TrustStamp;
import dev.sallyport.TwoFactor;
import dev.sallyport.TwoFactorStatus;
import dev.sallyport.TwoFactorStatus.State;
import dev.sallyport.UnreadableRecordException;
import dev.sallyport.UserId;
import dev.sallyport.VerificationResult;
import dev.sallyport.VerificationResult.Verified;
import dev.sallyport.spring.Answer.Change;
import dev.sallyport.spring.Answer.CodeForChange;
import dev.sallyport.spring.Answer.Done;
import dev.sallyport.spring.Answer.Failed;
import dev.sallyport.spring.Answer.NewBackupCodes;
import dev.sallyport.spring.Answer.Notice;
import dev.sallyport.spring.Problem.Kind;
import dev.sallyport.spring.SessionState.Stamped;
import dev.sallyport.storage.StoreException;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpMethod;
import org.springframework.security.access.AccessDeniedException;
import org.springframework.security.authentication.AuthenticationCredentialsNotFoundException;
import org.springframework.security.core.Authentication;
import org.springframework.web.filter.GenericFilterBean;

/**
 * The endpoints that need a complete sign-in: settings, enabling, and each change. They stand behind the application's
 * own rules for paths. Each change takes a POST, and a code or the password.
 */
final class SettingsEndpoints extends GenericFilterBean {
    private static final Logger LOG = LoggerFactory.getLogger(SettingsEndpoints.class);

    private static final int MAX_AUTHENTICATORS = 5;
    private static final int MAX_LABEL = 40;

    private final TwoFactor twoFactor;
    private final SecondFactor secondFactor;
    private final SignInChain chain;
    private final SignInChains chains;
    private final Paths paths;
    private final AnswerWriter answers;
    private final PasswordAgain passwordAgain;

    SettingsEndpoints(
            TwoFactor twoFactor,
            SecondFactor secondFactor,
            SignInChain chain,
            SignInChains chains,
            Paths paths,
            AnswerWriter answers) {
        this.twoFactor = twoFactor;
        this.secondFactor = secondFactor;
        this.chain = chain;
        this.chains = chains;
        this.paths = paths;
        this.answers = answers;
        this.passwordAgain = new PasswordAgain(secondFactor, chain.parts().passwords());
    }

    /**
     * A request of a complete sign-in.
     *
     * @param state null where the application has no session
     * @param stamp what the sign-in rests on; null where it is exempt
     * @param program whether it is a request under {@code /api}
     */
    private record Call(
            UserId user,
            Authentication authentication,
            @Nullable SessionState state,
            @Nullable TrustStamp stamp,
            Fields fields,
            boolean program,
            HttpServletRequest request,
            HttpServletResponse response) {}

    @Override
    public void doFilter(ServletRequest anyRequest, ServletResponse anyResponse, FilterChain rest)
            throws IOException, ServletException {
        HttpServletRequest request = (HttpServletRequest) anyRequest;
        HttpServletResponse response = (HttpServletResponse) anyResponse;
        String below = request.getDispatcherType() == DispatcherType.REQUEST ? paths.below(Paths.of(request)) : null;
        Endpoint endpoint = below == null ? null : endpoint(request.getMethod(), below);
        if (below == null || endpoint == null) {
            rest.doFilter(request, response);
            return;
        }
        Call call = call(below.startsWith("/api/"), request, response);
        answers.write(answer(endpoint, call), request, response);
    }

    private interface Endpoint {
        Answer answer(Call call);
    }

    private @Nullable Endpoint endpoint(String method, String below) {
        if (HttpMethod.GET.matches(method)) {
            return switch (below) {
                case "", "/", "/api/status" -> this::overview;
                case "/enable" -> this::enablePage;
                case "/add" -> call -> changePage(Change.ADD, call);
                case "/remove" -> call -> changePage(Change.REMOVE, call);
                case "/regenerate" -> call -> changePage(Change.REGENERATE, call);
                case "/disable" -> call -> changePage(Change.DISABLE, call);
                case "/api/pending" -> this::pending;
                default -> null;
            };
        }
        if (!HttpMethod.POST.matches(method)) {
            return null;
        }
        return switch (below) {
            case "/enable", "/api/begin" -> this::enable;
            case "/confirm", "/api/confirm" -> this::confirm;
            case "/add", "/api/add" -> call -> change(Change.ADD, call);
            case "/remove", "/api/remove" -> call -> change(Change.REMOVE, call);
            case "/regenerate", "/api/regenerate" -> call -> change(Change.REGENERATE, call);
            case "/disable", "/api/disable" -> call -> change(Change.DISABLE, call);
            case "/forget", "/api/forget" -> this::forget;
            case "/sign-out-everywhere", "/api/sign-out-everywhere" -> this::signOutEverywhere;
            case "/api/step-up" -> this::stepUp;
            case "/api/remember" -> this::remember;
            // A program without a session asks for its pending enrollment with the handle, which is no part of a URL.
            case "/api/pending" -> this::pending;
            default -> null;
        };
    }

    private Call call(boolean program, HttpServletRequest request, HttpServletResponse response) throws IOException {
        Authentication authentication = chain.current();
        if (authentication == null || !SecondFactor.isSomebody(authentication)) {
            // The application's own entry point answers, also where its rules permit this path to everybody.
            throw new AuthenticationCredentialsNotFoundException(
                    "the settings of two-factor authentication need a" + " sign-in");
        }
        if (SecondFactor.switchedFrom(authentication) != null) {
            throw new AccessDeniedException(
                    "nobody sees or changes two-factor authentication while acting as another user");
        }
        UserId user = secondFactor.userId(authentication, request);
        SessionState state = chain.isStateless() ? null : SessionState.of(request);
        Fields fields = Fields.of(request);
        return new Call(
                user, authentication, state, stamp(user, state, fields, request), fields, program, request, response);
    }

    private static @Nullable TrustStamp stamp(
            UserId user, @Nullable SessionState state, Fields fields, HttpServletRequest request) {
        Stamped stamped = state == null ? null : state.stamped();
        if (stamped == null || !stamped.user().equals(user)) {
            stamped = SecondFactor.restsOn(request);
        }
        if (stamped != null && stamped.user().equals(user)) {
            return stamped.stamp();
        }
        String field = fields.get("stamp");
        return field == null ? null : TrustStamp.of(field);
    }

    private Answer answer(Endpoint endpoint, Call call) {
        try {
            return endpoint.answer(call);
        } catch (StoreException e) {
            LOG.warn("the store of two-factor authentication has failed; the answer is 503", e);
            return failed(Kind.STORE_FAILED);
        } catch (UnreadableRecordException | MissingRecordException e) {
            LOG.warn("a record of two-factor authentication cannot be read; the answer is 503", e);
            return failed(Kind.RECORD_UNREADABLE);
        } catch (AlreadyEnabledException e) {
            return failed(Kind.ALREADY_ENABLED);
        } catch (StaleProofException e) {
            return staleProof(call);
        }
    }

    // --- Looking ---

    private Answer overview(Call call) {
        return new Answer.Overview(
                twoFactor.status(call.user()),
                call.stamp() == null ? Optional.empty() : call.stamp().browser(),
                null);
    }

    private Answer pending(Call call) {
        EnrollmentHandle handle = handle(call);
        if (handle == null) {
            return failed(Kind.NOT_FOUND);
        }
        Optional<PendingEnrollment> pending = twoFactor.pendingEnrollment(handle);
        if (isOfAnother(pending, call)) {
            return failed(Kind.BEGIN_AGAIN);
        }
        return pending.<Answer>map(enrollment -> new Answer.Enrolling(enrollment, null))
                .orElseGet(() -> failed(Kind.NOT_FOUND));
    }

    /** A handle in a field may be one that another user has lost. */
    private static boolean isOfAnother(Optional<PendingEnrollment> pending, Call call) {
        return pending.filter(enrollment -> !enrollment.user().equals(call.user()))
                .isPresent();
    }

    private static @Nullable EnrollmentHandle handle(Call call) {
        EnrollmentHandle kept = call.state() == null ? null : call.state().handle();
        String field = HttpMethod.GET.matches(call.request().getMethod())
                ? null
                : call.fields().get("handle");
        return kept == null && field != null ? EnrollmentHandle.of(field) : kept;
    }

    // --- Enabling ---

    private Answer enablePage(Call call) {
        if (isEnabled(call)) {
            return new Done(paths.base());
        }
        return enrolling(call, null).orElseGet(() -> passwordDue(call, null));
    }

    private Optional<Answer> enrolling(Call call, @Nullable Problem problem) {
        EnrollmentHandle handle = handle(call);
        return handle == null
                ? Optional.empty()
                : twoFactor
                        .pendingEnrollment(handle)
                        .filter(pending -> pending.user().equals(call.user()))
                        .map(pending -> new Answer.Enrolling(pending, problem));
    }

    private Answer enable(Call call) {
        if (!isCurrent(call)) {
            return signInAgain(call);
        }
        if (isEnabled(call)) {
            return call.program() ? failed(Kind.ALREADY_ENABLED) : new Done(paths.base());
        }
        Problem problem = passwordAgain.problem(
                call.authentication(), call.user(), call.fields().get("password"), call.state(), call.request());
        if (problem != null) {
            if (problem.kind() == Kind.SIGN_IN_AGAIN) {
                return signInAgain(call);
            }
            return call.program() ? new Failed(problem) : passwordDue(call, problem);
        }
        if (!call.program()) {
            // A second tab goes on with the secret of the first one. Otherwise the phone that has scanned it is wrong.
            Optional<Answer> pending = enrolling(call, null);
            if (pending.isPresent()) {
                return pending.get();
            }
        }
        return begun(twoFactor.beginEnrollment(call.user(), request(call)), call);
    }

    private Answer passwordDue(Call call, @Nullable Problem problem) {
        return new Answer.PasswordDue(passwordAgain.asksFor(call.authentication()), problem);
    }

    private EnrollmentRequest request(Call call) {
        EnrollmentRequest request = EnrollmentRequest.of(
                        secondFactor.accountName(call.authentication(), call.request()))
                .browser(SecondFactor.browser(call.request()));
        String label = label(call.fields().get("label"));
        return label == null ? request : request.label(label);
    }

    /** What people type as a label never fails: what cannot be kept is dropped. */
    private static @Nullable String label(@Nullable String typed) {
        if (typed == null) {
            return null;
        }
        StringBuilder label = new StringBuilder();
        typed.codePoints()
                .filter(c -> !Character.isISOControl(c) && Character.getType(c) != Character.SURROGATE)
                .limit(MAX_LABEL)
                .forEach(label::appendCodePoint);
        String fit = label.toString().strip();
        // 128 bytes of UTF-8 is what the label may have.
        while (fit.getBytes(StandardCharsets.UTF_8).length > 128) {
            fit = fit.substring(0, fit.offsetByCodePoints(fit.length(), -1)).strip();
        }
        return fit.isBlank() ? null : fit;
    }

    private static Answer begun(PendingEnrollment pending, Call call) {
        if (call.state() != null) {
            call.state().handle(pending.handle());
            // The session sees a secret from now on. Somebody who has copied its cookie does not.
            call.request().changeSessionId();
        }
        return new Answer.Enrolling(pending, null);
    }

    private Answer confirm(Call call) {
        if (!isCurrent(call)) {
            return signInAgain(call);
        }
        EnrollmentHandle handle = handle(call);
        if (handle == null || isOfAnother(twoFactor.pendingEnrollment(handle), call)) {
            return beginAgain(call);
        }
        String code = call.fields().get("code");
        String second = call.fields().get("second");
        EnrollmentResult result = second == null
                ? twoFactor.confirmEnrollment(handle, code)
                : twoFactor.confirmEnrollment(handle, code, second);
        if (result instanceof Enrolled enrolled && enrolled.proof().user().equals(call.user())) {
            return enrolled(enrolled, call);
        }
        if (result instanceof Enrolled || result instanceof BeginAgain) {
            if (call.state() != null) {
                call.state().handle(null);
            }
            return beginAgain(call);
        }
        Problem problem = result instanceof ClockOff off
                ? new Problem(Kind.CLOCK_OFF, null, off.by())
                : CodeEndpoints.problem(result);
        if (call.program()) {
            return new Failed(problem);
        }
        return enrolling(call, problem).orElseGet(() -> beginAgain(call));
    }

    private Answer beginAgain(Call call) {
        Problem problem = Problem.of(Kind.BEGIN_AGAIN);
        if (call.program()) {
            return new Failed(problem);
        }
        return isEnabled(call) ? new CodeForChange(Change.ADD, null, problem) : passwordDue(call, problem);
    }

    private Answer enrolled(Enrolled enrolled, Call call) {
        Verified proof = enrolled.proof();
        secondFactor.enabled(call.user());
        if (call.state() != null) {
            call.state().handle(null);
            call.request().changeSessionId();
        }
        goOn(proof, call);
        return enrolled.backupCodes()
                .<Answer>map(codes -> new NewBackupCodes(codes, true, forProgram(proof.stamp(), call)))
                .orElseGet(() -> new Done(paths.base(), Notice.AUTHENTICATOR_ADDED, forProgram(proof.stamp(), call)));
    }

    // --- Changes ---

    private Answer changePage(Change change, Call call) {
        TwoFactorStatus status = twoFactor.status(call.user());
        if (status.state() != State.ENABLED) {
            return new Done(paths.base());
        }
        if (change == Change.ADD) {
            Optional<Answer> pending = enrolling(call, null);
            if (pending.isPresent()) {
                return pending.get();
            }
        }
        return new CodeForChange(change, target(change, call), label(change, status, call), null);
    }

    private static @Nullable String target(Change change, Call call) {
        return change == Change.REMOVE ? call.fields().get("authenticator") : null;
    }

    private static @Nullable String label(Change change, TwoFactorStatus status, Call call) {
        if (change == Change.ADD) {
            return call.fields().get("label");
        }
        return status.authenticators().stream()
                .filter(authenticator -> authenticator.id().value().equals(target(change, call)))
                .map(TwoFactorStatus.Authenticator::label)
                .findFirst()
                .orElse(null);
    }

    private Answer change(Change change, Call call) {
        TwoFactorStatus status = twoFactor.status(call.user());
        Problem refused = refused(change, status, call);
        if (refused != null) {
            return new Failed(refused);
        }
        Object result = prove(call);
        if (result instanceof Verified proof) {
            return changed(change, proof, call);
        }
        Problem problem = CodeEndpoints.problem(result);
        if (problem.kind() == Kind.SIGN_IN_AGAIN) {
            return signInAgain(call);
        }
        return call.program()
                ? new Failed(problem)
                : new CodeForChange(change, target(change, call), label(change, status, call), problem);
    }

    /** {@return why the change cannot be made whatever the code; null if it can} */
    private static @Nullable Problem refused(Change change, TwoFactorStatus status, Call call) {
        List<TwoFactorStatus.Authenticator> authenticators = status.authenticators();
        if (status.state() != State.ENABLED) {
            return Problem.of(Kind.NOT_ENABLED);
        }
        if (change == Change.ADD && authenticators.size() >= MAX_AUTHENTICATORS) {
            return Problem.of(Kind.TOO_MANY_AUTHENTICATORS);
        }
        if (change == Change.REMOVE) {
            if (label(change, status, call) == null) {
                return Problem.of(Kind.NOT_FOUND);
            }
            return authenticators.size() == 1 ? Problem.of(Kind.LAST_AUTHENTICATOR) : null;
        }
        return null;
    }

    private Answer changed(Change change, Verified proof, Call call) {
        switch (change) {
            case ADD -> {
                goOn(proof, call);
                return begun(twoFactor.addAuthenticator(proof, request(call)), call);
            }
            case REMOVE -> {
                AuthenticatorId id = AuthenticatorId.of(String.valueOf(target(change, call)));
                Verified after = twoFactor.removeAuthenticator(proof, id);
                goOn(after, call);
                return new Done(paths.base(), Notice.AUTHENTICATOR_REMOVED, forProgram(after.stamp(), call));
            }
            case REGENERATE -> {
                Regenerated after = twoFactor.regenerateBackupCodes(proof);
                goOn(after.proof(), call);
                return new NewBackupCodes(
                        after.codes(), false, forProgram(after.proof().stamp(), call));
            }
            case DISABLE -> {
                TrustStamp after = twoFactor.disable(proof);
                restOn(after, call);
                return new Done(paths.base(), Notice.DISABLED, forProgram(after, call));
            }
        }
        throw new AssertionError(change);
    }

    private Answer forget(Call call) {
        if (!isCurrent(call)) {
            return signInAgain(call);
        }
        String browser = String.valueOf(call.fields().get("browser"));
        TwoFactorStatus status = twoFactor.status(call.user());
        Optional<BrowserId> known = status.browsers().stream()
                .map(TwoFactorStatus.Browser::id)
                .filter(id -> id.value().equals(browser))
                .findFirst();
        if (known.isEmpty()) {
            return failed(Kind.NOT_FOUND);
        }
        twoFactor.forgetBrowser(call.user(), known.get());
        if (call.state() != null) {
            // This session ends at once if it came from that browser.
            call.state().checkAgain();
        }
        return new Done(paths.base(), Notice.BROWSER_FORGOTTEN);
    }

    private Answer signOutEverywhere(Call call) {
        TrustStamp after = call.stamp() == null
                ? twoFactor.endTrust(call.user())
                : twoFactor.endTrust(call.user(), call.stamp()).orElse(null);
        if (after == null) {
            return signInAgain(call);
        }
        if (chain.parts().rememberMe() != null) {
            chain.parts().rememberMe().logout(call.request(), call.response(), call.authentication());
        }
        restOn(after, call);
        return new Done(paths.base(), Notice.SIGNED_OUT_EVERYWHERE, forProgram(after, call));
    }

    private Answer stepUp(Call call) {
        Object result = byCode(call);
        if (result instanceof Verified proof) {
            goOn(proof, call);
            return new Answer.CodeAccepted(proof, twoFactor.seal(proof), null);
        }
        Problem problem = CodeEndpoints.problem(result);
        if (problem.kind() == Kind.SIGN_IN_AGAIN) {
            return isEnabled(call) ? signInAgain(call) : failed(Kind.NOT_ENABLED);
        }
        return new Failed(problem);
    }

    private Answer remember(Call call) {
        Object result = prove(call);
        if (!(result instanceof Verified proof)) {
            return new Failed(CodeEndpoints.problem(result));
        }
        if (proof.stamp().browser().isEmpty()) {
            // A step-up in a session that rests on no browser does not say which one to remember.
            return failed(Kind.SIGN_IN_AGAIN);
        }
        twoFactor.rememberBrowser(proof);
        return new Done(paths.base());
    }

    // --- Proofs and stamps ---

    /** {@return a proof; otherwise a result or a problem} A program may use the proof of a moment ago. */
    private Object prove(Call call) {
        if (call.fields().get("code") != null || !call.program()) {
            return byCode(call);
        }
        String sealed = call.fields().get("proof");
        if (sealed == null && call.state() != null) {
            sealed = call.state().proof();
        }
        return twoFactor
                .unseal(call.user(), sealed)
                .<Object>map(proof -> proof)
                .orElseGet(() -> Problem.of(Kind.PROOF_NEEDED));
    }

    private Object byCode(Call call) {
        String code = call.fields().get("code");
        String second = call.fields().get("second");
        TrustStamp stamp = call.stamp();
        if (stamp == null) {
            // An exempt sign-in rests on no stamp. Its user shows the code as in a sign-in from this browser.
            var next = twoFactor.signInRequirement(call.user(), SecondFactor.browser(call.request()));
            if (next instanceof CodeRequired required) {
                VerificationResult result = second == null
                        ? twoFactor.verify(required.challenge(), code)
                        : twoFactor.verify(required.challenge(), code, second);
                if (result instanceof Verified proof) {
                    proof.browserToken().ifPresent(token -> call.response().addHeader("Set-Cookie", token.setCookie()));
                }
                return result;
            }
            stamp = ((NoCodeRequired) next).stamp();
        }
        return second == null
                ? twoFactor.stepUp(call.user(), stamp, code)
                : twoFactor.stepUp(call.user(), stamp, code, second);
    }

    private boolean isCurrent(Call call) {
        return call.stamp() == null || twoFactor.isCurrent(call.user(), call.stamp());
    }

    private boolean isEnabled(Call call) {
        return twoFactor.status(call.user()).state() == State.ENABLED;
    }

    /** The trust has ended between the code and the change. */
    private Answer staleProof(Call call) {
        try {
            return isCurrent(call) ? failed(Kind.PROOF_NEEDED) : signInAgain(call);
        } catch (StoreException e) {
            LOG.warn("the store of two-factor authentication has failed; the answer is 503", e);
            return failed(Kind.STORE_FAILED);
        }
    }

    /** The trust of this sign-in has ended, so its session ends, too. */
    private Answer signInAgain(Call call) {
        boolean exempt = secondFactor.isExempt(call.authentication());
        if (!exempt && call.state() != null && !isCurrent(call)) {
            chain.end(call.request(), call.response());
        }
        return new Failed(Problem.of(Kind.SIGN_IN_AGAIN), chains.loginPage());
    }

    private void goOn(Verified proof, Call call) {
        proof.browserToken().ifPresent(token -> call.response().addHeader("Set-Cookie", token.setCookie()));
        restOn(proof.stamp(), call);
        if (call.state() != null) {
            call.state().proof(twoFactor.seal(proof));
        }
    }

    private void restOn(TrustStamp stamp, Call call) {
        SecondFactor.restOn(call.request(), call.user(), stamp);
        if (call.state() != null) {
            Stamped before = call.state().stamped();
            if (before == null || !before.stamp().equals(stamp)) {
                // The other sessions have ended. A copy of this session's cookie ends with them.
                call.request().changeSessionId();
            }
            call.state().stamp(call.user(), stamp, secondFactor.now());
        }
    }

    /** A program without a session keeps the stamp itself. */
    private static @Nullable TrustStamp forProgram(TrustStamp stamp, Call call) {
        return call.program() ? stamp : null;
    }

    private static Failed failed(Kind kind) {
        return new Failed(Problem.of(kind));
    }
}
