// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.conformance;

import static org.junit.jupiter.api.Assertions.fail;

import java.lang.reflect.Method;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;
import org.junit.jupiter.api.function.Executable;

/**
 * Runs each test of the kit with a time limit. A store that hangs fails the test. If it ignores interrupts, its daemon
 * thread stays behind. The records of a test are erased before any {@code @AfterEach} of the integrator.
 */
final class TimeLimit implements InvocationInterceptor {

    /** The names of all threads of the kit begin with this. */
    static final String THREAD_NAME = "sallyport-conformance";

    TimeLimit() {}

    @Override
    public void interceptTestMethod(
            Invocation<Void> invocation, ReflectiveInvocationContext<Method> test, ExtensionContext extension)
            throws Throwable {
        if (!(test.getTarget().orElseThrow() instanceof StoreHooks kit) || !isOfTheKit(test.getExecutable())) {
            invocation.proceed();
            return;
        }
        Report report = ReportExtension.report(extension);
        try {
            run(kit.timeLimit(), () -> {
                try {
                    invocation.proceed();
                } finally {
                    if (kit.context.isOpened()) {
                        report.nameEngine(kit::engine);
                    }
                    kit.context.cleanUp();
                }
            });
        } finally {
            report.note(kit.context.notes());
        }
    }

    /** Whether this is a test of the kit, and not one that an integrator has added. */
    static boolean isOfTheKit(Method test) {
        return test.getDeclaringClass().isAssignableFrom(ScannableTwoFactorStoreConformance.class);
    }

    /** Does the work on another thread, and fails when the time is over. */
    static void run(Duration limit, Executable work) throws Throwable {
        FutureTask<@Nullable Throwable> task = new FutureTask<>(() -> {
            try {
                work.execute();
                return null;
            } catch (Throwable e) {
                return e;
            }
        });
        Thread thread = new Thread(task, THREAD_NAME);
        thread.setDaemon(true);
        thread.start();
        try {
            Throwable thrown = task.get(limit.toMillis(), TimeUnit.MILLISECONDS);
            if (thrown != null) {
                throw thrown;
            }
        } catch (TimeoutException e) {
            Throwable stacks = stacksOfTheKit();
            fail(
                    "The store did not answer within " + limit + ", and MUST answer or throw a StoreException.\n"
                            + "Usual cause: a lock that is never released, a pool that is exhausted, or a missing"
                            + " time-out. If the store is only slow or has very many users, override timeLimit().",
                    stacks);
        } catch (ExecutionException e) {
            throw new AssertionError("the task returns whatever the work throws", e);
        } finally {
            thread.interrupt();
        }
    }

    /** The stacks of the threads of the kit, each once. They show what the threads wait for. */
    private static Throwable stacksOfTheKit() {
        Throwable stacks = new Throwable("the threads of the test were here when the time was over");
        stacks.setStackTrace(new StackTraceElement[0]);
        Thread.getAllStackTraces().entrySet().stream()
                .filter(each -> each.getKey().getName().startsWith(THREAD_NAME))
                .map(each -> List.of(each.getValue()))
                .distinct()
                .forEach(stack -> {
                    Throwable one = new Throwable(THREAD_NAME);
                    one.setStackTrace(stack.toArray(StackTraceElement[]::new));
                    stacks.addSuppressed(one);
                });
        return stacks;
    }
}
