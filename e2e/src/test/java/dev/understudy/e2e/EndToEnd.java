package dev.understudy.e2e;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * Tests against the running stack. They run beside one another, each with folders and seeds of its
 * own; what disturbs the others is {@link org.junit.jupiter.api.parallel.Isolated} as well.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(RunningStack.class)
@Needs(Needs.PROVIDER)
@Execution(ExecutionMode.CONCURRENT)
@interface EndToEnd {}
