package dev.understudy.simulation;

import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Code that can be left in the middle and gone on with later. It has a thread of its own, but only
 * to keep its stack: the baton is with it or with its resumer, never with both, so a history is one
 * sequence of steps whatever the machine does.
 */
final class Fiber {

  /** No code runs for so long between two pauses, unless it waits for a lock. */
  private static final long STUCK_NANOS = 60_000_000_000L;

  private final Thread thread;
  private volatile boolean itsTurn;
  private volatile boolean ended;
  private volatile @Nullable Thread resumer;
  private volatile @Nullable Throwable slip;

  /** Code that begins with the first {@link #resume}. */
  Fiber(Runnable code) {
    this.thread =
        Thread.ofVirtual()
            .unstarted(() -> {
              try {
                code.run();
              } catch (Throwable e) { // handed to the resumer: a fiber must not die unheard
                slip = e;
              } finally {
                ended = true;
                itsTurn = false;
                LockSupport.unpark(resumer);
              }
            });
  }

  /** Runs the code until it pauses or ends. */
  void resume() {
    resumer = Thread.currentThread();
    itsTurn = true;
    if (thread.getState() == Thread.State.NEW) {
      thread.start();
    } else {
      LockSupport.unpark(thread);
    }
    long until = System.nanoTime() + STUCK_NANOS;
    while (itsTurn) {
      LockSupport.parkNanos(this, STUCK_NANOS);
      if (itsTurn && System.nanoTime() > until) {
        throw new IllegalStateException("a fiber is stuck: it waits for what another one holds");
      }
    }
    var thrown = slip;
    if (thrown != null) {
      throw new IllegalStateException("a fiber ended by " + thrown, thrown);
    }
  }

  /** Called by the code itself: gives the baton back until it is resumed. */
  void pause() {
    itsTurn = false;
    LockSupport.unpark(resumer);
    while (!itsTurn) {
      LockSupport.park(this);
    }
  }

  boolean ended() {
    return ended;
  }
}
