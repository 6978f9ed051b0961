package dev.understudy.e2e;

import org.junit.jupiter.api.extension.AfterTestExecutionCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Hands the one stack to all tests and each test its {@link Scenario}, whose books are compared
 * after it.
 */
final class RunningStack implements ParameterResolver, AfterTestExecutionCallback {
  private static final Namespace OURS = Namespace.create(RunningStack.class);

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == Scenario.class;
  }

  @Override
  public Scenario resolveParameter(ParameterContext parameter, ExtensionContext context) {
    Stack stack =
        context
            .getRoot()
            .getStore(OURS)
            .getOrComputeIfAbsent("stack", _ -> new Stack(), Stack.class);
    return context
        .getStore(OURS)
        .getOrComputeIfAbsent("scenario", _ -> new Scenario(stack), Scenario.class);
  }

  @Override
  public void afterTestExecution(ExtensionContext context) {
    Scenario scenario = context.getStore(OURS).get("scenario", Scenario.class);
    if (scenario != null && context.getExecutionException().isEmpty()) {
      scenario.compareBooks();
    }
  }
}
