package dev.understudy.core;

import static com.tngtech.archunit.base.DescribedPredicate.alwaysTrue;
import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.simpleNameEndingWith;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.time.Clock;
import java.util.Map;
import java.util.Set;

/** The directions of the house: functions → core ← adapters, and what may be used where. */
@AnalyzeClasses(packages = "dev.understudy", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

  private static final String CORE = "dev.understudy.core..";
  private static final String ADAPTERS = "dev.understudy.adapters..";
  private static final String SDK = "software.amazon.awssdk..";
  private static final String HTTP = "java.net.http..";
  private static final String LAMBDA = "com.amazonaws.services.lambda..";

  private static final String[] FUNCTIONS = {
    "dev.understudy.ingest..",
    "dev.understudy.submit..",
    "dev.understudy.poll..",
    "dev.understudy.persist..",
    "dev.understudy.reconcile..",
    "dev.understudy.api..",
    "dev.understudy.webhook.."
  };

  /** What a handler may know of the adapters: where its parts come from, and its log's context. */
  private static final DescribedPredicate<JavaClass> FOR_HANDLERS =
      resideInAPackage("dev.understudy.adapters.logging..")
          .or(
              describe(
                  "Wiring and Rehearsal",
                  c -> c.getName().equals("dev.understudy.adapters.Wiring") || rehearses(c)));

  /** Without clock, chance and environment, so that every rule runs in a simulation. */
  private static final DescribedPredicate<JavaClass> RULES =
      resideInAPackage(CORE)
          .or(resideInAnyPackage(FUNCTIONS).and(not(simpleNameEndingWith("Handler"))))
          .as("rules");

  /** Methods by which time, chance or the environment come in unasked. */
  private static final Map<String, Set<String>> UNASKED =
      Map.of(
          "java.lang.System",
              Set.of(
                  "currentTimeMillis",
                  "nanoTime",
                  "getenv",
                  "getProperty",
                  "getProperties",
                  "exit"),
          "java.lang.Thread",
              Set.of("sleep", "<init>", "ofVirtual", "ofPlatform", "startVirtualThread"),
          "java.lang.Math", Set.of("random"),
          "java.util.UUID", Set.of("randomUUID"),
          "java.time.InstantSource", Set.of("system"),
          "java.util.concurrent.ThreadLocalRandom", Set.of("current"),
          "java.util.random.RandomGenerator", Set.of("getDefault", "of"));

  private static final Set<String> GENERATORS =
      Set.of("java.util.Random", "java.security.SecureRandom", "java.util.SplittableRandom");

  @ArchTest
  static final ArchRule functions_shouldNotKnowEachOther =
      slices()
          .matching("dev.understudy.(*)..")
          .namingSlices("$1")
          .should()
          .notDependOnEachOther()
          .ignoreDependency(alwaysTrue(), resideInAnyPackage(CORE, ADAPTERS));

  @ArchTest
  static final ArchRule core_shouldKnowNeitherAdaptersNorFunctions =
      noClasses()
          .that()
          .resideInAPackage(CORE)
          .should()
          .dependOnClassesThat(
              resideInAPackage("dev.understudy..").and(not(resideInAPackage(CORE))));

  @ArchTest
  static final ArchRule coresPackages_shouldHaveNoCycles =
      slices()
          .matching("dev.understudy.core.(provider|request|media|settings|errors|json)..")
          .should()
          .beFreeOfCycles();

  @ArchTest
  static final ArchRule adapters_shouldNotKnowEachOther =
      slices()
          .matching(
              "dev.understudy.adapters.(dynamodb|s3|cometapi|stepfunctions|events|secrets|webhook)..")
          .should()
          .notDependOnEachOther();

  @ArchTest
  static final ArchRule adapters_shouldNotKnowFunctions =
      noClasses()
          .that()
          .resideInAPackage(ADAPTERS)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(FUNCTIONS);

  @ArchTest
  static final ArchRule rulesOfFunctions_shouldKnowCoreOnly =
      noClasses().that(RULES).should().dependOnClassesThat().resideInAPackage(ADAPTERS);

  @ArchTest
  static final ArchRule handlers_shouldKnowWiringAndLoggingOnly =
      noClasses()
          .that()
          .haveSimpleNameEndingWith("Handler")
          .should()
          .dependOnClassesThat(resideInAPackage(ADAPTERS).and(not(FOR_HANDLERS)));

  @ArchTest
  static final ArchRule lambdaTypes_shouldStayInHandlersAndTheirRehearsal =
      noClasses()
          .that(
              not(
                  resideInAnyPackage(FUNCTIONS)
                      .and(simpleNameEndingWith("Handler"))
                      .or(describe("Rehearsal", ArchitectureTest::rehearses))))
          .should()
          .dependOnClassesThat()
          .resideInAPackage(LAMBDA);

  @ArchTest
  static final ArchRule sdkAndHttp_shouldStayInAdapters =
      noClasses()
          .that()
          .resideOutsideOfPackage(ADAPTERS)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(SDK, HTTP);

  @ArchTest
  static final ArchRule clients_shouldBeBuiltByAwsClientsOnly =
      noClasses()
          .that(
              describe(
                  "are neither Wiring nor AwsClients",
                  c ->
                      !c.getSimpleName().equals("Wiring")
                          && !c.getSimpleName().equals("AwsClients")))
          .should()
          .callMethodWhere(
              target(nameMatching("create|builder"))
                  .and(
                      target(
                          owner(
                              describe(
                                  "a client of the SDK",
                                  c ->
                                      c.getPackageName().startsWith("software.amazon.awssdk")
                                          && c.getSimpleName().matches(".*(Client|Presigner)"))))));

  @ArchTest
  static final ArchRule rules_shouldHaveTimeAndChanceGiven =
      noClasses()
          .that(RULES)
          .should()
          .accessTargetWhere(
              describe("brings in time, chance or the environment", ArchitectureTest::unasked));

  private static boolean rehearses(JavaClass c) {
    return c.getName().startsWith("dev.understudy.adapters.Rehearsal");
  }

  private static boolean unasked(JavaAccess<?> access) {
    var owner = access.getTargetOwner();
    var name = access.getName();
    return UNASKED.getOrDefault(owner.getName(), Set.of()).contains(name)
        || (GENERATORS.contains(owner.getName()) && name.equals("<init>"))
        || (owner.isAssignableTo(Clock.class) && name.startsWith("system"))
        || (owner.getPackageName().equals("java.time") && name.equals("now"));
  }
}
