package dev.understudy.simulation;

import com.amazonaws.services.lambda.runtime.ClientContext;
import com.amazonaws.services.lambda.runtime.CognitoIdentity;
import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.LambdaLogger;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** One run of a function: a process that may stand still, fail, die, or live on unheard. */
final class Invocation {

  /** The functions with their timeouts, as the template has them. */
  enum Function {
    INGEST(120),
    SUBMIT(200),
    POLL(60),
    PERSIST(900),
    RECONCILE(60),
    API(29);

    final Duration timeout;

    Function(int seconds) {
      this.timeout = Duration.ofSeconds(seconds);
    }
  }

  /** The end of a process. No rule catches an Error, as none survives a kill. */
  static final class Killed extends Error {
    private static final long serialVersionUID = 1;

    Killed(String where) {
      super(where, null, false, false);
    }
  }

  final int number;
  final Function function;
  final @Nullable String task;
  final Instant began;
  final Plan plan;
  @Nullable Fiber fiber;
  int calls;

  /** The generation of the execution that it works for; -1 if for none. */
  int generation = -1;

  /** It stood still since it last looked at the clock: no rule of its own can have noticed. */
  boolean stood;

  /** Killed: whatever it does from now on has no effect. */
  boolean dead;

  /** Its code has returned or thrown. */
  boolean ended;

  /** The caller has been told something already. */
  boolean answered;

  /** In the middle of the paid POST of this attempt; 0 if not. */
  int postingAttempt;

  /** The id it has in hand and must write before anything else. */
  @Nullable String inHand;

  /** The attempt whose claim it has won; 0 for none. */
  int claimed;

  Invocation(int number, Function function, @Nullable String task, Instant began, Plan plan) {
    this.number = number;
    this.function = function;
    this.task = task;
    this.began = began;
    this.plan = plan;
  }

  /**
   * What will go wrong with it.
   *
   * @param slow whether it may stand still
   * @param faultAt the call at which something happens; 0 for none
   * @param before before that call, or after it
   * @param crash it dies there; otherwise the call fails, or its answer is lost
   * @param longAt the call at which it stands still for minutes; 0 for none, -1 for the one to the
   *     provider
   * @param zombie it lives on after its timeout
   * @param givenUpAfter its caller loses the connection after this; null if not
   * @param skew how far its clock is off
   */
  record Plan(
      boolean slow,
      int faultAt,
      boolean before,
      boolean crash,
      int longAt,
      boolean zombie,
      @Nullable Duration givenUpAfter,
      Duration skew) {
    static final Plan NOTHING = new Plan(false, 0, false, false, 0, false, null, Duration.ZERO);

    Plan slowly() {
      return new Plan(true, faultAt, before, crash, longAt, zombie, givenUpAfter, skew);
    }
  }

  @Override
  public String toString() {
    return "%s#%d".formatted(function.name().toLowerCase(java.util.Locale.ROOT), number);
  }

  /** What Lambda tells the handler of this invocation. */
  Context context(World world) {
    return new Context() {
      @Override
      public int getRemainingTimeInMillis() {
        var left = function.timeout.minus(Duration.between(began, world.now()));
        return (int) Math.max(0, left.toMillis());
      }

      @Override
      public String getAwsRequestId() {
        return "request-" + number;
      }

      @Override
      public String getLogGroupName() {
        return "/aws/lambda/simulation";
      }

      @Override
      public String getLogStreamName() {
        return "simulation";
      }

      @Override
      public String getFunctionName() {
        return function.name();
      }

      @Override
      public String getFunctionVersion() {
        return "1";
      }

      @Override
      public String getInvokedFunctionArn() {
        return "arn:aws:lambda:us-east-1:000000000000:function:" + function.name();
      }

      @Override
      public @Nullable CognitoIdentity getIdentity() {
        return null;
      }

      @Override
      public @Nullable ClientContext getClientContext() {
        return null;
      }

      @Override
      public int getMemoryLimitInMB() {
        return 1024;
      }

      @Override
      public @Nullable LambdaLogger getLogger() {
        return null;
      }
    };
  }
}
