// SPDX-License-Identifier: Apache-2.0
package com.acme.javalin

import dev.sallyport.KeyRing
import dev.sallyport.TwoFactor
import dev.sallyport.UserId
import dev.sallyport.storage.InMemoryTwoFactorStore
import io.javalin.Javalin
import io.javalin.http.Context
import io.javalin.http.UnauthorizedResponse
import org.apache.commons.codec.binary.Base32
import org.slf4j.Logger

private val ALICE = UserId.of("42")
private val OPEN = setOf("/login", "/code", "/versions")

/** An application with a sign-in of its own and one page. Its one user is alice, whose id is 42. */
fun main() {
    val twoFactor = TwoFactor.builder()
        .issuer("Acme")
        .store(InMemoryTwoFactorStore())
        .encryptionKeys(KeyRing.generate())
        .build()
    val pages = TwoFactorPages(twoFactor)
    val app = Javalin.create { config ->
        config.startup.showJavalinBanner = false
        val routes = config.routes
        routes.before { ctx -> if (ctx.path() !in OPEN && !pages.isSignedIn(ctx)) throw UnauthorizedResponse() }
        routes.post("/login") { ctx ->
            if (ctx.formParam("name") != "alice") throw UnauthorizedResponse()
            checkPassword(ctx)
            pages.afterPassword(ALICE, ctx)
        }
        routes.post("/code") { ctx -> pages.checkCode(ctx) }
        routes.get("/me") { ctx -> ctx.result(ctx.sessionAttribute<String>("user").orEmpty()) }
        routes.get("/enable") { ctx -> pages.showAgain(ctx) }
        routes.post("/enable") { ctx ->
            checkPassword(ctx)
            pages.begin(ALICE, ctx)
        }
        routes.post("/confirm") { ctx -> pages.confirm(ctx) }
        routes.post("/disable") { ctx -> pages.disable(ALICE, ctx) }
        routes.get("/versions") { ctx ->
            ctx.result(
                "Javalin ${version<Javalin>()} with Kotlin ${KotlinVersion.CURRENT}, " +
                    "commons-codec ${version<Base32>()}, slf4j-api ${version<Logger>()}",
            )
        }
    }.start("127.0.0.1", 0)
    println("http://127.0.0.1:${app.port()}")
}

private fun checkPassword(ctx: Context) {
    if (ctx.formParam("password") != "wonderland") throw UnauthorizedResponse()
}

private inline fun <reified T> version(): String? = T::class.java.`package`.implementationVersion
