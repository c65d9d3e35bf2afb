// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.web.twofactor;

import dev.sallyport.AlreadyEnabledException;
import dev.sallyport.AuthenticatorId;
import dev.sallyport.BackupCodes;
import dev.sallyport.EnrollmentRequest;
import dev.sallyport.EnrollmentResult;
import dev.sallyport.EnrollmentResult.Enrolled;
import dev.sallyport.EnrollmentResult.NotPending;
import dev.sallyport.EnrollmentResult.Rejected;
import dev.sallyport.PendingEnrollment;
import dev.sallyport.StaleProofException;
import dev.sallyport.TwoFactor;
import dev.sallyport.TwoFactorPolicy;
import dev.sallyport.TwoFactorStatus;
import dev.sallyport.UserId;
import dev.sallyport.VerificationResult;
import dev.sallyport.VerificationResult.LockedOut;
import dev.sallyport.VerificationResult.NotEnrolled;
import dev.sallyport.VerificationResult.Suspended;
import dev.sallyport.VerificationResult.Verified;
import dev.sallyport.qr.QrCode;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;
import java.io.Serializable;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.Principal;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Function;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.http.CacheControl;
import org.springframework.http.HttpHeaders;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.ModelAttribute;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;

/**
 * The settings: enable, look after, disable. What lowers the guard takes a code in the same request, so that no proof is ever
 * kept.
 */
@Controller
@RequestMapping("/two-factor")
class SettingsController {
    private static final String BEGUN_HERE = SettingsController.class.getName() + ".begunHere";
    private static final String ADDING = SettingsController.class.getName() + ".adding";

    /** As long as an enrollment waits for its first code. */
    private static final Duration PASSWORD_COUNTS = Duration.ofMinutes(10);

    private static final int FEW_BACKUP_CODES = 3;
    private static final int MAX_AUTHENTICATORS = TwoFactorPolicy.defaults().maxAuthenticators();
    private static final int MAX_LABEL = 40;

    private final TwoFactor twoFactor;
    private final TwoFactorHost host;
    private final SecondFactor secondFactor;
    private final BrowserCookie cookie;
    private final OtherSessions others;
    private final InstantSource clock;
    private final String issuer;

    SettingsController(
            TwoFactor twoFactor,
            TwoFactorHost host,
            SecondFactor secondFactor,
            BrowserCookie cookie,
            OtherSessions others,
            InstantSource clock,
            @Value("${two-factor.issuer}") String issuer) {
        this.twoFactor = twoFactor;
        this.host = host;
        this.secondFactor = secondFactor;
        this.cookie = cookie;
        this.others = others;
        this.clock = clock;
        this.issuer = issuer;
    }

    @ModelAttribute("issuer")
    String issuer() {
        return issuer;
    }

    @GetMapping
    String settings(Principal principal, Model model) {
        UserId user = host.idOf(principal.getName());
        TwoFactorStatus status = twoFactor.status(user);
        model.addAttribute("status", status);
        model.addAttribute("fewBackupCodes", status.backupCodesLeft() <= FEW_BACKUP_CODES);
        model.addAttribute("mayAdd", status.authenticators().size() < MAX_AUTHENTICATORS);
        model.addAttribute("codesSaved", host.hasSavedBackupCodes(user));
        return "two-factor/settings";
    }

    // --- Enable ---

    /**
     * What a session that has just seen the password has begun. It shows its own enrollment and nobody else's: who has the
     * password too must not read the secret that the owner is about to enroll.
     */
    private record Begun(Instant at, String fingerprint) implements Serializable {}

    @GetMapping("/enable")
    String askForThePassword(Principal principal, Model model) {
        UserId user = host.idOf(principal.getName());
        model.addAttribute("username", principal.getName());
        return isEnabled(user) ? "redirect:/two-factor" : "two-factor/enable";
    }

    @PostMapping("/enable")
    String enable(Principal principal, @RequestParam("password") String password, HttpServletRequest request) {
        UserId user = host.idOf(principal.getName());
        if (!host.isPassword(principal.getName(), password)) {
            return "redirect:/two-factor/enable?refused";
        }
        // A second tab of this session goes on with what the first has begun. Any other begins anew.
        PendingEnrollment pending = begunHere(user, request.getSession()).orElse(null);
        if (pending == null) {
            try {
                pending = twoFactor.beginEnrollment(user, host.accountName(principal.getName()));
            } catch (AlreadyEnabledException e) {
                return "redirect:/two-factor";
            }
        }
        // Who knew this session's id before the password was typed does not see the secret. The forms' token stays:
        // one of them may stand in a second tab.
        request.changeSessionId();
        request.getSession().setAttribute(BEGUN_HERE, new Begun(clock.instant(), fingerprint(pending)));
        return "redirect:/two-factor/enroll";
    }

    private Optional<PendingEnrollment> begunHere(UserId user, HttpSession session) {
        return session.getAttribute(BEGUN_HERE) instanceof Begun begun
                        && clock.instant().isBefore(begun.at().plus(PASSWORD_COUNTS))
                ? twoFactor
                        .pendingEnrollment(user)
                        .filter(pending -> begun.fingerprint().equals(fingerprint(pending)))
                : Optional.empty();
    }

    private static String fingerprint(PendingEnrollment pending) {
        return Sha256.hex(pending.secretForTyping());
    }

    private boolean isEnabled(UserId user) {
        return twoFactor.status(user).state() == TwoFactorStatus.State.ENABLED;
    }

    @GetMapping("/enroll")
    String enroll(Principal principal, HttpSession session, HttpServletResponse response, Model model) {
        UserId user = host.idOf(principal.getName());
        if (isEnabled(user)) {
            // The secret of another phone is shown once, with the code that was given for it.
            return session.getAttribute(ADDING) == null ? "redirect:/two-factor" : "two-factor/enroll";
        }
        return begunHere(user, session)
                .map(pending -> show(pending, response, model))
                .orElse("redirect:/two-factor/enable");
    }

    private static String show(PendingEnrollment pending, HttpServletResponse response, Model model) {
        keepOut(response);
        model.addAttribute("picture", QrCode.of(pending.keyUri().toUriString()).toSvg());
        model.addAttribute("secret", pending.secretForTyping());
        return "two-factor/enroll";
    }

    @PostMapping("/enroll")
    String confirm(
            Principal principal,
            @RequestParam("code") String typed,
            HttpServletRequest request,
            HttpServletResponse response,
            Model model) {
        UserId user = host.idOf(principal.getName());
        EnrollmentResult result = twoFactor.confirmEnrollment(user, typed);
        if (result instanceof Rejected) {
            return "redirect:/two-factor/enroll?refused";
        }
        request.getSession().removeAttribute(BEGUN_HERE);
        request.getSession().removeAttribute(ADDING);
        if (result instanceof Enrolled enrolled) {
            others.end(request);
            secondFactor.shown(request, response);
            model.addAttribute("first", true);
            return enrolled.backupCodes()
                    .map(codes -> show(codes, user, response, model))
                    .orElse("redirect:/two-factor?added");
        }
        return result instanceof NotPending && isEnabled(user) ? "redirect:/two-factor" : "redirect:/two-factor?ended";
    }

    @PostMapping("/enroll/cancel")
    String cancel(Principal principal, HttpSession session) {
        UserId user = host.idOf(principal.getName());
        session.removeAttribute(ADDING);
        twoFactor.cancelEnrollment(user);
        return "redirect:/two-factor";
    }

    // --- Backup codes ---

    /** In the answer to the request that made them, and nowhere else. */
    private String show(BackupCodes codes, UserId user, HttpServletResponse response, Model model) {
        host.setBackupCodesSaved(user, false);
        keepOut(response);
        String sheet = codes.toText(issuer + " backup codes");
        model.addAttribute("codes", codes.asList());
        model.addAttribute("sheet", sheet);
        model.addAttribute(
                "download",
                "data:text/plain;charset=utf-8,"
                        + URLEncoder.encode(sheet, StandardCharsets.UTF_8).replace("+", "%20"));
        return "two-factor/backup-codes";
    }

    @PostMapping("/backup-codes/saved")
    String saved(Principal principal, @RequestParam("saved") boolean saved) {
        UserId user = host.idOf(principal.getName());
        host.setBackupCodesSaved(user, saved);
        return "redirect:/two-factor";
    }

    @GetMapping("/backup-codes/regenerate")
    String askToRegenerate(Principal principal, Model model) {
        UserId user = host.idOf(principal.getName());
        return askFor(Change.REGENERATE, user, model);
    }

    @PostMapping("/backup-codes/regenerate")
    String regenerate(
            Principal principal, @RequestParam("code") String typed, HttpServletResponse response, Model model) {
        UserId user = host.idOf(principal.getName());
        return prove(user, typed, Change.REGENERATE, model, proof -> {
            cookie.clear(user, response);
            return show(twoFactor.regenerateBackupCodes(proof), user, response, model);
        });
    }

    // --- Authenticators ---

    @GetMapping("/authenticators/add")
    String askToAdd(Principal principal, Model model) {
        UserId user = host.idOf(principal.getName());
        return askFor(Change.ADD, user, model);
    }

    @PostMapping("/authenticators/add")
    String add(
            Principal principal,
            @RequestParam("code") String typed,
            @RequestParam("label") String label,
            HttpServletRequest request,
            HttpServletResponse response,
            Model model) {
        UserId user = host.idOf(principal.getName());
        String name = clean(label);
        model.addAttribute("label", name);
        if (twoFactor.status(user).authenticators().size() >= MAX_AUTHENTICATORS) {
            return "redirect:/two-factor";
        }
        return prove(user, typed, Change.ADD, model, proof -> {
            EnrollmentRequest begin = EnrollmentRequest.of(host.accountName(principal.getName()));
            PendingEnrollment pending = twoFactor.beginEnrollment(proof, name.isEmpty() ? begin : begin.label(name));
            request.getSession().setAttribute(ADDING, true);
            return show(pending, response, model);
        });
    }

    /** One short line, so that nothing that is typed here costs a code. */
    private static String clean(String label) {
        StringBuilder clean = new StringBuilder();
        label.codePoints()
                .filter(c -> !Character.isISOControl(c) && Character.getType(c) != Character.SURROGATE)
                .limit(MAX_LABEL)
                .forEach(clean::appendCodePoint);
        return clean.toString().strip();
    }

    @GetMapping("/authenticators/remove")
    String askToRemove(Principal principal, @RequestParam("id") String id, Model model) {
        UserId user = host.idOf(principal.getName());
        return named(id, user, model) ? ask(Change.REMOVE, model) : "redirect:/two-factor";
    }

    @PostMapping("/authenticators/remove")
    String remove(
            Principal principal,
            @RequestParam("id") String id,
            @RequestParam("code") String typed,
            HttpServletRequest request,
            HttpServletResponse response,
            Model model) {
        UserId user = host.idOf(principal.getName());
        if (!named(id, user, model)) {
            return "redirect:/two-factor";
        }
        return prove(user, typed, Change.REMOVE, model, proof -> {
            twoFactor.removeAuthenticator(proof, AuthenticatorId.of(id));
            distrust(user, request, response);
            return "redirect:/two-factor?removed";
        });
    }

    /** Whether there is such an authenticator, and which. */
    private boolean named(String id, UserId user, Model model) {
        model.addAttribute("id", id);
        return twoFactor.status(user).authenticators().stream()
                .filter(authenticator -> authenticator.id().value().equals(id))
                .map(authenticator -> model.addAttribute("label", authenticator.label()))
                .findFirst()
                .isPresent();
    }

    // --- Remembered browsers: to forget one takes no code ---

    @PostMapping("/browsers/forget")
    String forget(Principal principal, @RequestParam("id") String id, HttpServletRequest request) {
        UserId user = host.idOf(principal.getName());
        twoFactor.status(user).browsers().stream()
                .map(TwoFactorStatus.Browser::id)
                .filter(browser -> browser.value().equals(id))
                .forEach(browser -> twoFactor.forgetBrowser(user, browser));
        others.end(request);
        return "redirect:/two-factor";
    }

    @PostMapping("/browsers/forget-all")
    String forgetAll(Principal principal, HttpServletRequest request, HttpServletResponse response) {
        UserId user = host.idOf(principal.getName());
        twoFactor.forgetBrowsers(user);
        distrust(user, request, response);
        return "redirect:/two-factor";
    }

    /** Nothing that was trusted before goes on, but this session. */
    private void distrust(UserId user, HttpServletRequest request, HttpServletResponse response) {
        cookie.clear(user, response);
        others.end(request);
    }

    // --- Disable ---

    @GetMapping("/disable")
    String askToDisable(Principal principal, Model model) {
        UserId user = host.idOf(principal.getName());
        return askFor(Change.DISABLE, user, model);
    }

    @PostMapping("/disable")
    String disable(
            Principal principal,
            @RequestParam("code") String typed,
            HttpServletRequest request,
            HttpServletResponse response,
            Model model) {
        UserId user = host.idOf(principal.getName());
        return prove(user, typed, Change.DISABLE, model, proof -> {
            twoFactor.disable(proof);
            distrust(user, request, response);
            return "redirect:/two-factor?disabled";
        });
    }

    // --- A code with each change ---

    /** What takes a code. */
    enum Change {
        ADD("/two-factor/authenticators/add"),
        REMOVE("/two-factor/authenticators/remove"),
        REGENERATE("/two-factor/backup-codes/regenerate"),
        DISABLE("/two-factor/disable");

        private final String path;

        Change(String path) {
            this.path = path;
        }
    }

    /** The page to begin with; there is nothing to change where nothing is on. */
    private String askFor(Change change, UserId user, Model model) {
        return isEnabled(user) ? ask(change, model) : "redirect:/two-factor";
    }

    private static String ask(Change change, Model model) {
        model.addAttribute("change", change.name());
        model.addAttribute("path", change.path);
        return "two-factor/change";
    }

    private String prove(UserId user, String typed, Change change, Model model, Function<Verified, String> with) {
        VerificationResult result = twoFactor.verify(user, typed);
        if (result instanceof Verified proof) {
            try {
                return with.apply(proof);
            } catch (StaleProofException e) {
                Trouble.STALE.show(model);
                return ask(change, model);
            }
        }
        if (result instanceof NotEnrolled) {
            return "redirect:/two-factor";
        }
        if (result instanceof LockedOut locked) {
            Trouble.showLock(locked.until(), clock.instant(), model);
        } else {
            (result instanceof Suspended ? Trouble.SUSPENDED : Trouble.REFUSED).show(model);
        }
        return ask(change, model);
    }

    /** Pages with secrets stay out of every cache. */
    private static void keepOut(HttpServletResponse response) {
        response.setHeader(HttpHeaders.CACHE_CONTROL, CacheControl.noStore().getHeaderValue());
    }
}
