package dev.understudy.e2e;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.commons.support.AnnotationSupport;

/**
 * What a test needs that not every stack has, on AWS for instance. Without it the test is left out,
 * and a line says so; {@code make test}, whose stack has all of it, takes that for a failure.
 */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(Needs.Condition.class)
@interface Needs {
  /** The back door of the simulated provider. */
  String PROVIDER = "PROVIDER_URL";

  /** Functions that are processes of this machine: no containers, and nobody else's machines. */
  String FUNCTIONS_HERE = "FUNCTIONS_RUN_HERE";

  /** The variable of the environment that is set where the stack has it. */
  String value();

  /** Looks whether it is there. */
  final class Condition implements ExecutionCondition {
    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
      return context
          .getElement()
          .flatMap(element ->
              AnnotationSupport.findAnnotation(element, Needs.class)
                  .map(Needs::value)
                  .filter(variable -> System.getenv().getOrDefault(variable, "").isBlank()))
          .map(variable -> {
            String reason =
                "%s is not set, and this needs it: see \"On AWS\" in docs/testing.md"
                    .formatted(variable);
            System.err.printf("NOT RUN: %s: %s%n", name(context), reason);
            return ConditionEvaluationResult.disabled(reason);
          })
          .orElseGet(() -> ConditionEvaluationResult.enabled("nothing is missing"));
    }

    private static String name(ExtensionContext context) {
      return context.getRequiredTestClass().getSimpleName()
          + context.getTestMethod().map(method -> "." + method.getName()).orElse("");
    }
  }
}
