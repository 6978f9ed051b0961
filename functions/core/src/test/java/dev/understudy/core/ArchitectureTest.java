package dev.understudy.core;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.simpleNameEndingWith;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget;
import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.time.Clock;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;

/** The directions of the house: functions → core ← adapters. */
@AnalyzeClasses(packages = "dev.understudy", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {

  private static final String CORE = "dev.understudy.core..";
  private static final String ADAPTERS = "dev.understudy.adapters..";
  private static final String[] FUNCTIONS = {
    "dev.understudy.ingest..",
    "dev.understudy.submit..",
    "dev.understudy.poll..",
    "dev.understudy.persist..",
    "dev.understudy.reconcile.."
  };
  private static final String LAMBDA = "com.amazonaws..";
  private static final String[] OUTSIDE = {"software.amazon.awssdk..", "java.net.http..", "javax.net.ssl.."};

  @ArchTest
  static final ArchRule core_dependsOnNothingOfTheOthers =
      noClasses()
          .that()
          .resideInAPackage(CORE)
          .should()
          .dependOnClassesThat(
              resideInAnyPackage(FUNCTIONS)
                  .or(resideInAnyPackage(ADAPTERS, LAMBDA))
                  .or(resideInAnyPackage(OUTSIDE))
                  .or(resideInAnyPackage("software.amazon.lambda..", "org.apache.logging..")))
          .as("core knows no function, no adapter, no AWS SDK, no Lambda, no HTTP");

  @ArchTest
  static final ArchRule functions_neverImportEachOther =
      slices()
          .matching("dev.understudy.(ingest|submit|poll|persist|reconcile)..")
          .should()
          .notDependOnEachOther();

  @ArchTest
  static final ArchRule functions_reachTheOutsideThroughPortsOnly =
      noClasses()
          .that()
          .resideInAnyPackage(FUNCTIONS)
          .should()
          .dependOnClassesThat(resideInAnyPackage(OUTSIDE));

  @ArchTest
  static final ArchRule rules_knowNoAdapter =
      noClasses()
          .that(resideInAnyPackage(FUNCTIONS).and(not(simpleNameEndingWith("Handler"))))
          .should()
          .dependOnClassesThat()
          .resideInAPackage(ADAPTERS)
          .as("of a function, only its handler knows the wiring");

  @ArchTest
  static final ArchRule lambda_isKnownToHandlersOnly =
      noClasses()
          .that(not(simpleNameEndingWith("Handler")))
          .should()
          .dependOnClassesThat()
          .resideInAPackage("com.amazonaws.services.lambda..");

  @ArchTest
  static final ArchRule handlers_areOnePerFunction =
      classes()
          .that()
          .haveSimpleNameEndingWith("Handler")
          .and()
          .implement("com.amazonaws.services.lambda.runtime.RequestStreamHandler")
          .should()
          .resideInAnyPackage(FUNCTIONS);

  @ArchTest
  static final ArchRule adapters_dependOnCoreOnly =
      noClasses().that().resideInAPackage(ADAPTERS).should().dependOnClassesThat(resideInAnyPackage(FUNCTIONS));

  @ArchTest
  static final ArchRule adapters_doNotImportEachOther =
      slices()
          .matching("dev.understudy.adapters.(dynamodb|s3|cometapi|stepfunctions|events|secrets)..")
          .should()
          .notDependOnEachOther();

  @ArchTest
  static final ArchRule packages_haveNoCycles =
      slices().matching("dev.understudy.core.(provider|request|media|settings|errors|json)..").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule clients_areBuiltByTheWiringOnly =
      noClasses()
          .that(not(resideInAPackage("dev.understudy.adapters")))
          .should()
          .callMethodWhere(
              new DescribedPredicate<JavaCall<?>>("a client of the AWS SDK is built") {
                @Override
                public boolean test(JavaCall<?> call) {
                  var owner = call.getTargetOwner();
                  return owner.getPackageName().startsWith("software.amazon.awssdk.services")
                      && Set.of("builder", "create").contains(call.getTarget().getName())
                      && owner.getSimpleName().endsWith("Client");
                }
              });

  private static final Map<Class<?>, Set<String>> CHANCE_AND_TIME =
      Map.of(
          System.class, Set.of("currentTimeMillis", "nanoTime", "getenv", "getProperty", "exit"),
          Instant.class, Set.of("now"),
          Clock.class, Set.of("systemUTC", "systemDefaultZone", "system"),
          InstantSource.class, Set.of("system"),
          Math.class, Set.of("random"),
          UUID.class, Set.of("randomUUID"),
          Thread.class, Set.of("sleep", "<init>", "ofVirtual", "ofPlatform", "startVirtualThread"));

  private static final Set<String> CALENDAR =
      Set.of("LocalDate", "LocalDateTime", "ZonedDateTime", "OffsetDateTime", "YearMonth");

  @ArchTest
  static final ArchRule rules_haveNoClockNoChanceAndNoEnvironment =
      noClasses()
          .that(resideInAPackage(CORE).or(resideInAnyPackage(FUNCTIONS)))
          .should()
          .callCodeUnitWhere(
              new DescribedPredicate<JavaCall<?>>("time, chance or the environment is taken from outside") {
                @Override
                public boolean test(JavaCall<?> call) {
                  return outside(call.getTarget());
                }
              });

  private static boolean outside(AccessTarget.CodeUnitCallTarget target) {
    var owner = target.getOwner();
    boolean named =
        CHANCE_AND_TIME.entrySet().stream()
            .anyMatch(e -> owner.isEquivalentTo(e.getKey()) && e.getValue().contains(target.getName()));
    boolean today = target.getName().equals("now") && CALENDAR.contains(owner.getSimpleName());
    boolean chance =
        target.getName().equals("<init>")
            && (owner.isEquivalentTo(Random.class) || owner.getName().equals("java.security.SecureRandom"));
    return named || today || chance || owner.getName().equals("java.util.concurrent.ThreadLocalRandom");
  }
}
