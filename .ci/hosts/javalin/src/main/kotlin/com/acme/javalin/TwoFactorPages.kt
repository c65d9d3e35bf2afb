// SPDX-License-Identifier: Apache-2.0
package com.acme.javalin

import dev.sallyport.Browser
import dev.sallyport.BrowserToken
import dev.sallyport.Challenge
import dev.sallyport.EnrollmentHandle
import dev.sallyport.EnrollmentRequest
import dev.sallyport.EnrollmentResult.Enrolled
import dev.sallyport.PendingEnrollment
import dev.sallyport.SignInRequirement.CodeRequired
import dev.sallyport.SignInRequirement.NoCodeRequired
import dev.sallyport.TrustStamp
import dev.sallyport.TwoFactor
import dev.sallyport.UserId
import dev.sallyport.VerificationResult.Verified
import dev.sallyport.qr.QrCode
import io.javalin.http.Context
import io.javalin.http.NotFoundResponse
import io.javalin.http.UnauthorizedResponse

/** What two-factor authentication adds: the sign-in, and the pages that turn it on and off. */
class TwoFactorPages(private val twoFactor: TwoFactor) {
    fun afterPassword(user: UserId, ctx: Context) {
        ctx.newSessionId()
        when (val next = twoFactor.signInRequirement(user, ctx.browser())) {
            is NoCodeRequired -> signIn(user, next.stamp(), ctx)
            is CodeRequired -> {
                ctx.sessionAttribute("user", null)
                ctx.sessionAttribute("challenge", next.challenge().value())
                ctx.result("code")
            }
        }
    }

    fun checkCode(ctx: Context) {
        val result = twoFactor.verify(Challenge.of(ctx.sessionAttribute("challenge")), ctx.formParam("code"))
        if (result !is Verified) throw UnauthorizedResponse()
        result.browserToken().ifPresent { ctx.keep(it) }
        if (ctx.formParam("remember") != null) twoFactor.rememberBrowser(result)
        ctx.newSessionId()
        signIn(result.user(), result.stamp(), ctx)
    }

    private fun signIn(user: UserId, stamp: TrustStamp, ctx: Context) {
        ctx.sessionAttribute("challenge", null)
        ctx.sessionAttribute("user", user.value())
        ctx.sessionAttribute("stamp", stamp.value())
        ctx.result("signed in")
    }

    fun isSignedIn(ctx: Context): Boolean {
        val user = ctx.sessionAttribute<String>("user") ?: return false
        return twoFactor.isCurrent(UserId.of(user), ctx.stamp())
    }

    /** The password was asked for again. */
    fun begin(user: UserId, ctx: Context) {
        val request = EnrollmentRequest.of("alice@acme.example").browser(ctx.browser())
        val pending = twoFactor.beginEnrollment(user, request)
        ctx.sessionAttribute("enrollment", pending.handle().value())
        show(pending, ctx)
    }

    fun showAgain(ctx: Context) {
        show(twoFactor.pendingEnrollment(ctx.enrollment()).orElseThrow { NotFoundResponse() }, ctx)
    }

    private fun show(pending: PendingEnrollment, ctx: Context) {
        val uri = pending.keyUri().toUriString()
        ctx.result(uri + "\n" + QrCode.of(uri).toSvg())
    }

    fun confirm(ctx: Context) {
        val result = twoFactor.confirmEnrollment(ctx.enrollment(), ctx.formParam("code"))
        if (result !is Enrolled) throw UnauthorizedResponse()
        result.proof().browserToken().ifPresent { ctx.keep(it) }
        ctx.sessionAttribute("enrollment", null)
        ctx.sessionAttribute("stamp", result.proof().stamp().value())
        ctx.result(result.backupCodes().orElseThrow().joinToString("\n"))
    }

    fun disable(user: UserId, ctx: Context) {
        val result = twoFactor.stepUp(user, ctx.stamp(), ctx.formParam("code"))
        if (result !is Verified) throw UnauthorizedResponse()
        ctx.sessionAttribute("stamp", twoFactor.disable(result).value())
        ctx.result("off")
    }

    /** What somebody knew about the session before is worth nothing after. There may have been none. */
    private fun Context.newSessionId() {
        req().getSession(true)
        req().changeSessionId()
    }

    private fun Context.browser() = Browser.fromHeaders(header("Cookie"), header("User-Agent"))

    private fun Context.stamp() = TrustStamp.of(sessionAttribute("stamp"))

    private fun Context.enrollment() = EnrollmentHandle.of(sessionAttribute("enrollment"))

    /** The session has a cookie of its own, so this one is added. */
    private fun Context.keep(token: BrowserToken) = res().addHeader("Set-Cookie", token.setCookie())
}
