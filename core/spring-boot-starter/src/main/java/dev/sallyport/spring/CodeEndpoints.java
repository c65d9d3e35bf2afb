// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.spring;

import dev.sallyport.Challenge;
import dev.sallyport.Malformed;
import dev.sallyport.MissingRecordException;
import dev.sallyport.TwoFactor;
import dev.sallyport.UnreadableRecordException;
import dev.sallyport.VerificationResult.LockedOut;
import dev.sallyport.VerificationResult.SignInAgain;
import dev.sallyport.VerificationResult.Verified;
import dev.sallyport.storage.StoreException;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpMethod;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.AuthenticationException;
import org.springframework.security.core.context.SecurityContext;
import org.springframework.security.web.authentication.AuthenticationSuccessHandler;

/**
 * The endpoints that somebody needs before the sign-in is complete: the code page, its form, its counterpart for
 * programs, and the files that pages are made of.
 */
final class CodeEndpoints {
    private static final Logger LOG = LoggerFactory.getLogger(CodeEndpoints.class);

    private static final String CODE = "/code";
    private static final String CANCEL = "/cancel";
    private static final String VERIFY = "/api/verify";

    private final TwoFactor twoFactor;
    private final SecondFactor secondFactor;
    private final SignInChains chains;
    private final Paths paths;
    private final AnswerWriter answers;

    CodeEndpoints(
            TwoFactor twoFactor, SecondFactor secondFactor, SignInChains chains, Paths paths, AnswerWriter answers) {
        this.twoFactor = twoFactor;
        this.secondFactor = secondFactor;
        this.chains = chains;
        this.paths = paths;
        this.answers = answers;
    }

    /** Serves the style sheet and the script. {@return whether the response is written} */
    boolean serveAsset(HttpServletRequest request, HttpServletResponse response) throws IOException {
        String below = paths.below(Paths.of(request));
        if (below == null) {
            return false;
        }
        boolean get = HttpMethod.GET.matches(request.getMethod()) || HttpMethod.HEAD.matches(request.getMethod());
        for (String name : List.of(Assets.STYLE, Assets.SCRIPT)) {
            if (get && below.equals("/" + name)) {
                answers.writeAsset(name, request, response);
                return true;
            }
        }
        return false;
    }

    /** Serves the form of a tab whose sign-in is over. {@return whether the response is written} */
    boolean serveLateForm(SignInChain here, HttpServletRequest request, HttpServletResponse response)
            throws IOException, ServletException {
        String below = paths.below(Paths.of(request));
        if (!HttpMethod.POST.matches(request.getMethod()) || !(CODE.equals(below) || CANCEL.equals(below))) {
            return false;
        }
        SessionState state = SessionState.of(request);
        if (state != null && state.waiting() != null) {
            return false;
        }
        nothingWaits(here, state, request, response);
        return true;
    }

    /** {@return whether the response is written} */
    boolean serve(SignInChain here, HttpServletRequest request, HttpServletResponse response)
            throws IOException, ServletException {
        String below = paths.below(Paths.of(request));
        boolean post = HttpMethod.POST.matches(request.getMethod());
        if (CODE.equals(below) && (post || HttpMethod.GET.matches(request.getMethod()))) {
            code(post, here, request, response);
        } else if (CANCEL.equals(below) && post) {
            cancel(here, request, response);
        } else if (VERIFY.equals(below) && post) {
            verify(here, request, response);
        } else {
            return false;
        }
        return true;
    }

    private void code(boolean post, SignInChain here, HttpServletRequest request, HttpServletResponse response)
            throws IOException, ServletException {
        SessionState state = SessionState.of(request);
        Authentication waiting = state == null ? null : state.waiting();
        if (state == null || waiting == null) {
            nothingWaits(here, state, request, response);
        } else if (post) {
            check(state, waiting, Fields.of(request), here, request, response);
        } else {
            answers.write(new Answer.CodeDue(null), request, response);
        }
    }

    private void nothingWaits(
            SignInChain here, @Nullable SessionState state, HttpServletRequest request, HttpServletResponse response)
            throws IOException, ServletException {
        if (state != null && SecondFactor.isSomebody(here.current())) {
            answers.write(new Answer.Done("/"), request, response);
        } else {
            signInAgain(chains.loginPage(), request, response);
        }
    }

    private void signInAgain(String loginPage, HttpServletRequest request, HttpServletResponse response)
            throws IOException, ServletException {
        answers.write(new Answer.Failed(Problem.of(Problem.Kind.SIGN_IN_AGAIN), loginPage), request, response);
    }

    private void cancel(SignInChain here, HttpServletRequest request, HttpServletResponse response)
            throws IOException, ServletException {
        SessionState state = SessionState.of(request);
        String loginPage = chains.loginPage();
        if (state != null) {
            Authentication waiting = state.waiting();
            SignInChain chain = chains.resume(state.resume(), here).chain();
            loginPage = chains.loginPage(chain);
            state.startOver();
            if (chain.parts().rememberMe() != null) {
                // Otherwise the cookie would lead back to the code page at once.
                chain.parts().rememberMe().logout(request, response, waiting);
            }
        }
        answers.write(new Answer.Done(loginPage), request, response);
    }

    private void verify(SignInChain here, HttpServletRequest request, HttpServletResponse response)
            throws IOException, ServletException {
        Fields fields = Fields.of(request);
        String challenge = fields.get("challenge");
        SessionState state = SessionState.of(request);
        Authentication waiting = state == null ? null : state.waiting();
        if (challenge != null) {
            Object result = verify(Challenge.of(challenge), fields);
            if (result instanceof Verified proof) {
                give(proof, fields, response);
                answers.write(new Answer.CodeAccepted(proof, twoFactor.seal(proof), null), request, response);
            } else {
                answers.write(new Answer.Failed(problem(result)), request, response);
            }
        } else if (state != null && waiting != null) {
            check(state, waiting, fields, here, request, response);
        } else {
            signInAgain(chains.loginPage(), request, response);
        }
    }

    /** {@return a result; a problem if the store or the record cannot be used} */
    private Object verify(Challenge challenge, Fields fields) {
        String second = fields.get("second");
        try {
            return second == null
                    ? twoFactor.verify(challenge, fields.get("code"))
                    : twoFactor.verify(challenge, fields.get("code"), second);
        } catch (StoreException e) {
            LOG.warn("the store of two-factor authentication has failed; nobody was signed in", e);
            return Problem.of(Problem.Kind.STORE_FAILED);
        } catch (UnreadableRecordException | MissingRecordException e) {
            LOG.warn("a record of two-factor authentication cannot be read; nobody was signed in", e);
            return Problem.of(Problem.Kind.RECORD_UNREADABLE);
        }
    }

    private void check(
            SessionState state,
            Authentication waiting,
            Fields fields,
            SignInChain here,
            HttpServletRequest request,
            HttpServletResponse response)
            throws IOException, ServletException {
        Object result = verify(state.challenge(), fields);
        if (result instanceof Verified proof && proof.user().equals(secondFactor.userId(waiting, request))) {
            complete(state, waiting, proof, fields, here, request, response);
        } else if (result instanceof Verified || result instanceof SignInAgain) {
            String loginPage =
                    chains.loginPage(chains.resume(state.resume(), here).chain());
            state.startOver();
            signInAgain(loginPage, request, response);
        } else if (state.waiting() == null && state.stamped() != null) {
            // The form was sent twice, and the first one has signed in.
            answers.write(new Answer.Done("/"), request, response);
        } else {
            answers.write(new Answer.CodeDue(problem(result)), request, response);
        }
    }

    private void complete(
            SessionState state,
            Authentication waiting,
            Verified proof,
            Fields fields,
            SignInChain here,
            HttpServletRequest request,
            HttpServletResponse response)
            throws IOException, ServletException {
        SignInChains.SignIn signIn = chains.resume(state.resume(), here);
        SignInChain chain = signIn.chain();
        String sessionId = state.session().getId();
        state.startOver();
        give(proof, fields, response);
        SecondFactor.pass(request, waiting, proof.user(), proof.stamp());
        try {
            signIn.sessions().onAuthentication(waiting, request, response);
        } catch (AuthenticationException e) {
            // The application allows no further session of this user.
            signIn.failure().onAuthenticationFailure(request, response, e);
            return;
        }
        if (request.getSession().getId().equals(sessionId)) {
            request.changeSessionId();
        }
        SecurityContext context = chain.parts().holder().createEmptyContext();
        context.setAuthentication(waiting);
        chain.parts().holder().setContext(context);
        chain.parts().contexts().saveContext(context, request, response);
        if (!chain.isStateless()) {
            SessionState after = SessionState.create(request);
            secondFactor.accept(after, proof.user(), proof.stamp(), secondFactor.now());
            after.proof(twoFactor.seal(proof));
        }
        succeed(signIn.success(), proof, waiting, request, response);
    }

    /** The application's handler answers. A program gets a redirect as data, because it cannot open a page. */
    private void succeed(
            AuthenticationSuccessHandler application,
            Verified proof,
            Authentication authentication,
            HttpServletRequest request,
            HttpServletResponse response)
            throws IOException, ServletException {
        if (answers.wantsPage(request)) {
            application.onAuthenticationSuccess(request, response, authentication);
            return;
        }
        RedirectAsData caught = new RedirectAsData(response);
        application.onAuthenticationSuccess(request, caught, authentication);
        if (caught.location() != null) {
            answers.write(
                    new Answer.CodeAccepted(
                            proof, twoFactor.seal(proof), withoutContextPath(caught.location(), request)),
                    request,
                    response);
        }
    }

    private static String withoutContextPath(String location, HttpServletRequest request) {
        String context = request.getContextPath();
        return !context.isEmpty() && location.startsWith(context + "/")
                ? location.substring(context.length())
                : location;
    }

    /** Gives the browser its token, and remembers it if its user wants that. */
    private void give(Verified proof, Fields fields, HttpServletResponse response) {
        proof.browserToken().ifPresent(token -> response.addHeader("Set-Cookie", token.setCookie()));
        if (fields.isOn("remember") && proof.stamp().browser().isPresent()) {
            try {
                twoFactor.rememberBrowser(proof);
            } catch (StoreException e) {
                LOG.warn("a browser was not remembered, because the store has failed; its user is signed in", e);
            }
        }
    }

    static Problem problem(Object result) {
        if (result instanceof Problem problem) {
            return problem;
        }
        if (result instanceof LockedOut locked) {
            return locked.until()
                    .map(until -> new Problem(Problem.Kind.LOCKED_OUT, until, null))
                    .orElseGet(() -> Problem.of(Problem.Kind.SUSPENDED));
        }
        if (result instanceof Malformed) {
            return Problem.of(Problem.Kind.MALFORMED);
        }
        return Problem.of(result instanceof SignInAgain ? Problem.Kind.SIGN_IN_AGAIN : Problem.Kind.REJECTED);
    }
}
