// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.benchmarks;

import com.sun.management.ThreadMXBean;
import dev.sallyport.examples.benchmarks.Contestant.Operation;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;
import org.openjdk.jmh.infra.IterationParams;
import org.openjdk.jmh.runner.IterationType;

/**
 * One comparison, round by round: in each round every contestant has one slice of a few milliseconds, in an order drawn
 * anew. JMH forks the JVMs, warms them up and keeps results from being optimized away; the numbers are written here, slice
 * by slice, because JMH measures one benchmark after the other, and in between the machine may have become another.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(3)
@Warmup(iterations = 50)
@Measurement(iterations = 150)
public class Rounds {
    static final String DIRECTORY = "sallyport.benchmarks.directory";
    private static final long SLICE_NANOS = 2_000_000;
    /** For each contestant, before the first round: the larger calls are not fast before they were made some 50,000 times. */
    private static final long WARM_UP_NANOS = 2_000_000_000;

    private static final int WARM_UP_TURNS = 4;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    /** The name of a comparison. */
    @Param({})
    @SuppressWarnings("NullAway.Init") // JMH fills it in.
    public String comparison;

    private final List<Slice> slices = new ArrayList<>();
    private final Random order = new Random(42);
    private List<Contest> contests = List.of();
    private boolean measured;

    /** What one contestant took in one round: nanoseconds per run, and allocated bytes per run. */
    record Slice(int round, int contestant, double nanos, double bytes) {
        static Slice parse(String line) {
            String[] fields = line.split(" ", -1);
            return new Slice(
                    Integer.parseInt(fields[0]),
                    Integer.parseInt(fields[1]),
                    Double.parseDouble(fields[2]),
                    Double.parseDouble(fields[3]));
        }

        @Override
        public String toString() {
            return round + " " + contestant + " " + nanos + " " + bytes;
        }
    }

    /** A contestant in each of the threads, and the runs that fill a slice. */
    private static final class Contest {
        final List<Operation> perThread;
        int runs = 1;

        Contest(List<Operation> perThread) {
            this.perThread = perThread;
        }
    }

    /** Makes the contestants, and finds out how many of their runs fill a slice. */
    @Setup
    public void prepare(Blackhole blackhole) throws Exception {
        List<Comparison> perThread = new ArrayList<>();
        do {
            perThread.add(Comparisons.named(comparison).withControl());
        } while (perThread.size() < perThread.get(0).threads());
        contests = IntStream.range(0, perThread.get(0).contestants().size())
                .mapToObj(i -> new Contest(perThread.stream()
                        .map(each -> each.contestants().get(i).operation())
                        .toList()))
                .toList();
        // In turns, so that what is compiled has seen all of them.
        for (int turn = 0; turn < WARM_UP_TURNS; turn++) {
            for (Contest contest : contests) {
                warmUp(contest, blackhole);
            }
        }
    }

    private static void warmUp(Contest contest, Blackhole blackhole) throws Exception {
        long end = System.nanoTime() + WARM_UP_NANOS / WARM_UP_TURNS;
        while (System.nanoTime() < end) {
            double nanos = contest.runs * run(contest.perThread.get(0), contest.runs, blackhole, true).nanos;
            if (nanos < SLICE_NANOS / 2.0) {
                contest.runs *= 2;
            }
        }
    }

    /** Tells warm-up from measurement. */
    @Setup(Level.Iteration)
    public void look(IterationParams iteration) {
        measured = iteration.getType() == IterationType.MEASUREMENT;
    }

    /** One round. */
    @Benchmark
    public void round(Blackhole blackhole) throws Exception {
        List<Integer> turns =
                new ArrayList<>(IntStream.range(0, contests.size()).boxed().toList());
        Collections.shuffle(turns, order);
        for (int turn : turns) {
            Contest contest = contests.get(turn);
            Cost cost = contest.perThread.size() == 1
                    ? run(contest.perThread.get(0), contest.runs, blackhole, true)
                    : inThreads(contest, blackhole);
            if (measured) {
                slices.add(new Slice(slices.size() / contests.size(), turn, cost.nanos, cost.bytes));
            }
        }
    }

    /** Leaves the numbers where the parent process looks for them. */
    @TearDown
    public void save() throws IOException {
        List<String> lines = slices.stream().map(Slice::toString).toList();
        Path directory =
                Files.createDirectories(Path.of(System.getProperty(DIRECTORY)).resolve(comparison));
        Files.write(Files.createTempFile(directory, "jvm", ".slices"), lines);
    }

    private record Cost(double nanos, double bytes) {}

    /** Processor time where a thread is alone; where several contend, what counts is how long they take. */
    private static Cost run(Operation operation, int runs, Blackhole blackhole, boolean processorTime)
            throws Exception {
        operation.prepare(runs);
        long thread = Thread.currentThread().getId();
        long bytes = THREADS.getThreadAllocatedBytes(thread);
        long nanos = processorTime ? THREADS.getCurrentThreadCpuTime() : System.nanoTime();
        for (int i = 0; i < runs; i++) {
            blackhole.consume(operation.run());
        }
        nanos = (processorTime ? THREADS.getCurrentThreadCpuTime() : System.nanoTime()) - nanos;
        bytes = THREADS.getThreadAllocatedBytes(thread) - bytes;
        return new Cost((double) nanos / runs, (double) bytes / runs);
    }

    private static Cost inThreads(Contest contest, Blackhole blackhole) throws Exception {
        int threads = contest.perThread.size();
        ExecutorService executor = Executors.newFixedThreadPool(threads);
        try {
            CyclicBarrier start = new CyclicBarrier(threads);
            List<Future<Cost>> costs = new ArrayList<>();
            for (Operation operation : contest.perThread) {
                costs.add(executor.submit(() -> {
                    await(start);
                    return run(operation, contest.runs, blackhole, false);
                }));
            }
            double nanos = 0;
            double bytes = 0;
            for (Future<Cost> cost : costs) {
                nanos += cost.get().nanos / threads;
                bytes += cost.get().bytes / threads;
            }
            return new Cost(nanos, bytes);
        } catch (ExecutionException e) {
            throw new IllegalStateException("a contestant failed", e);
        } finally {
            executor.shutdown();
        }
    }

    private static void await(CyclicBarrier start) throws InterruptedException {
        try {
            start.await();
        } catch (BrokenBarrierException e) {
            throw new IllegalStateException("the other thread is gone", e);
        }
    }
}
