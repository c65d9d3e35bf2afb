// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.web.twofactor;

import dev.sallyport.AlreadyEnabledException;
import dev.sallyport.AuthenticatorId;
import dev.sallyport.BackupCodes;
import dev.sallyport.BrowserId;
import dev.sallyport.EnrollmentHandle;
import dev.sallyport.EnrollmentRequest;
import dev.sallyport.EnrollmentResult;
import dev.sallyport.EnrollmentResult.BeginAgain;
import dev.sallyport.EnrollmentResult.Enrolled;
import dev.sallyport.PendingEnrollment;
import dev.sallyport.Regenerated;
import dev.sallyport.StaleProofException;
import dev.sallyport.TrustStamp;
import dev.sallyport.TwoFactor;
import dev.sallyport.TwoFactorStatus;
import dev.sallyport.UserId;
import dev.sallyport.VerificationResult;
import dev.sallyport.VerificationResult.SignInAgain;
import dev.sallyport.VerificationResult.Verified;
import dev.sallyport.qr.QrCode;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.Principal;
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
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/**
 * The settings: enable, look after, disable. Each change that raises trust takes a code in the same request, so that no proof
 * is ever kept.
 */
@Controller
@RequestMapping("/two-factor")
class SettingsController {
    private static final int FEW_BACKUP_CODES = 3;
    private static final int MAX_AUTHENTICATORS = 5;
    private static final int MAX_LABEL = 40;

    private final TwoFactor twoFactor;
    private final TwoFactorHost host;
    private final SecondFactor secondFactor;
    private final InstantSource clock;
    private final String issuer;

    SettingsController(
            TwoFactor twoFactor,
            TwoFactorHost host,
            SecondFactor secondFactor,
            InstantSource clock,
            @Value("${two-factor.issuer}") String issuer) {
        this.twoFactor = twoFactor;
        this.host = host;
        this.secondFactor = secondFactor;
        this.clock = clock;
        this.issuer = issuer;
    }

    @ModelAttribute("issuer")
    String issuer() {
        return issuer;
    }

    @GetMapping
    String settings(Principal principal, HttpServletRequest request, Model model) {
        UserId user = host.idOf(principal.getName());
        TwoFactorStatus status = twoFactor.status(user);
        model.addAttribute("status", status);
        model.addAttribute("fewBackupCodes", status.backupCodesLeft() <= FEW_BACKUP_CODES);
        model.addAttribute("mayAdd", status.authenticators().size() < MAX_AUTHENTICATORS);
        model.addAttribute("codesSaved", host.hasSavedBackupCodes(user));
        model.addAttribute(
                "thisBrowser",
                secondFactor.stamp(request).browser().map(BrowserId::value).orElse(""));
        return "two-factor/settings";
    }

    // --- Enable ---

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
        // A second tab of this session goes on with what the first tab has begun.
        if (pendingHere(request).isEmpty()) {
            try {
                EnrollmentRequest enrollment = enrollmentRequest(principal, request);
                secondFactor.keep(twoFactor.beginEnrollment(user, enrollment).handle(), request);
            } catch (AlreadyEnabledException e) {
                return "redirect:/two-factor";
            }
        }
        SecondFactor.changeId(request);
        return "redirect:/two-factor/enroll";
    }

    private EnrollmentRequest enrollmentRequest(Principal principal, HttpServletRequest request) {
        return EnrollmentRequest.of(host.accountName(principal.getName())).browser(SecondFactor.browser(request));
    }

    /** The handle shows this session its own enrollment, and nobody else's. */
    private Optional<PendingEnrollment> pendingHere(HttpServletRequest request) {
        return secondFactor.enrollment(request).flatMap(twoFactor::pendingEnrollment);
    }

    private boolean isEnabled(UserId user) {
        return twoFactor.status(user).state() == TwoFactorStatus.State.ENABLED;
    }

    @GetMapping("/enroll")
    String enroll(Principal principal, HttpServletRequest request, HttpServletResponse response, Model model) {
        UserId user = host.idOf(principal.getName());
        Optional<PendingEnrollment> pending = pendingHere(request);
        if (pending.isEmpty()) {
            return isEnabled(user) ? "redirect:/two-factor" : "redirect:/two-factor/enable";
        }
        keepOut(response);
        String keyUri = pending.get().keyUri().toUriString();
        model.addAttribute("picture", QrCode.of(keyUri).toSvg());
        model.addAttribute("keyUri", keyUri);
        model.addAttribute("secret", pending.get().secretForTyping());
        return "two-factor/enroll";
    }

    @PostMapping("/enroll")
    String confirm(
            Principal principal,
            @RequestParam("code") String typed,
            HttpServletRequest request,
            HttpServletResponse response,
            Model model,
            RedirectAttributes next) {
        UserId user = host.idOf(principal.getName());
        Optional<EnrollmentHandle> handle = secondFactor.enrollment(request);
        if (handle.isEmpty()) {
            return "redirect:/two-factor";
        }
        EnrollmentResult result = twoFactor.confirmEnrollment(handle.get(), typed);
        if (result instanceof Enrolled enrolled) {
            secondFactor.forgetEnrollment(request);
            secondFactor.keep(enrolled.proof().stamp(), request);
            SecondFactor.setCookie(enrolled.proof(), response);
            SecondFactor.changeId(request);
            model.addAttribute("first", true);
            return enrolled.backupCodes()
                    .map(codes -> show(codes, user, response, model))
                    .orElse("redirect:/two-factor?added");
        }
        if (result instanceof BeginAgain) {
            secondFactor.forgetEnrollment(request);
            return "redirect:/two-factor?ended";
        }
        Trouble.of(result).forEach(next::addFlashAttribute);
        return "redirect:/two-factor/enroll";
    }

    @PostMapping("/enroll/cancel")
    String cancel(HttpServletRequest request) {
        secondFactor.forgetEnrollment(request);
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
            Principal principal,
            @RequestParam("code") String typed,
            HttpServletRequest request,
            HttpServletResponse response,
            Model model) {
        UserId user = host.idOf(principal.getName());
        return prove(user, typed, Change.REGENERATE, request, response, model, proof -> {
            Regenerated regenerated = twoFactor.regenerateBackupCodes(proof);
            secondFactor.keep(regenerated.proof().stamp(), request);
            return show(regenerated.codes(), user, response, model);
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
        return prove(user, typed, Change.ADD, request, response, model, proof -> {
            EnrollmentRequest enrollment = enrollmentRequest(principal, request);
            PendingEnrollment pending =
                    twoFactor.addAuthenticator(proof, name.isEmpty() ? enrollment : enrollment.label(name));
            secondFactor.keep(pending.handle(), request);
            SecondFactor.changeId(request);
            return "redirect:/two-factor/enroll";
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
        return prove(user, typed, Change.REMOVE, request, response, model, proof -> {
            Verified renewed = twoFactor.removeAuthenticator(proof, AuthenticatorId.of(id));
            secondFactor.keep(renewed.stamp(), request);
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

    // --- Browsers and sessions: to lower trust takes no code ---

    @PostMapping("/browsers/forget")
    String forget(
            Principal principal,
            @RequestParam("id") String id,
            HttpServletRequest request,
            HttpServletResponse response) {
        UserId user = host.idOf(principal.getName());
        twoFactor.status(user).browsers().stream()
                .map(TwoFactorStatus.Browser::id)
                .filter(browser -> browser.value().equals(id))
                .forEach(browser -> twoFactor.forgetBrowser(user, browser));
        if (!twoFactor.isCurrent(user, secondFactor.stamp(request))) {
            // It was the browser of this session.
            secondFactor.signOut(request, response);
            return "redirect:" + SecondFactor.LOGIN + "?signedOut";
        }
        return "redirect:/two-factor";
    }

    @PostMapping("/sign-out-everywhere")
    String signOutEverywhere(Principal principal, HttpServletRequest request) {
        secondFactor.endOtherSessions(host.idOf(principal.getName()), request);
        return "redirect:/two-factor?signedOutEverywhere";
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
        return prove(user, typed, Change.DISABLE, request, response, model, proof -> {
            TrustStamp stamp = twoFactor.disable(proof);
            secondFactor.keep(stamp, request);
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

    private String prove(
            UserId user,
            String typed,
            Change change,
            HttpServletRequest request,
            HttpServletResponse response,
            Model model,
            Function<Verified, String> with) {
        if (!isEnabled(user)) {
            return "redirect:/two-factor";
        }
        VerificationResult result = twoFactor.stepUp(user, secondFactor.stamp(request), typed);
        if (result instanceof Verified proof) {
            // A backup code has ended the other sessions.
            secondFactor.keep(proof.stamp(), request);
            try {
                return with.apply(proof);
            } catch (StaleProofException e) {
                return signInAgain(request, response);
            }
        }
        if (result instanceof SignInAgain) {
            return signInAgain(request, response);
        }
        model.addAllAttributes(Trouble.of(result, clock.instant()));
        return ask(change, model);
    }

    /** Trust has ended meanwhile. */
    private String signInAgain(HttpServletRequest request, HttpServletResponse response) {
        secondFactor.signOut(request, response);
        return "redirect:" + SecondFactor.LOGIN + "?again";
    }

    /** Pages with secrets stay out of every cache. */
    private static void keepOut(HttpServletResponse response) {
        response.setHeader(HttpHeaders.CACHE_CONTROL, CacheControl.noStore().getHeaderValue());
    }
}
