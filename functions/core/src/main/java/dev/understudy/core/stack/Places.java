package dev.understudy.core.stack;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Who holds how many of the places at the provider.
 *
 * @param inFlight places held in the whole stack
 * @param tenants the tenants that ever had a task
 */
public record Places(int inFlight, List<Tenant> tenants) {

  /** Copies the list. */
  public Places {
    tenants = List.copyOf(tenants);
  }

  /**
   * A tenant's places.
   *
   * @param name the tenant
   * @param inFlight places it holds
   * @param waiting tasks of it that wait for one
   * @param limit its own limit; null where only the stack's counts
   * @param capCents its own monthly cap in US cents; null where the stack's counts
   */
  public record Tenant(
      String name, int inFlight, int waiting, @Nullable Integer limit, @Nullable Integer capCents) {

    boolean canTakeOne() {
      return waiting > 0 && hasRoom();
    }

    /** Whether it holds fewer places than its own limit. */
    boolean hasRoom() {
      return limit == null || inFlight < limit;
    }
  }

  /** A tenant's places; a tenant that never had a task holds none and has no limits. */
  public Tenant tenant(String name) {
    return tenants.stream()
        .filter(t -> t.name().equals(name))
        .findFirst()
        .orElseGet(() -> new Tenant(name, 0, 0, null, null));
  }

  /**
   * The tenant whose turn it is: of those that wait and have room, one with the fewest places.
   * Chance decides between equals: by any fixed order the last of them would wait for ever where
   * there are fewer places than tenants.
   *
   * @param passedOver tenants none of whose waiting tasks may start yet
   */
  public Optional<Tenant> next(Set<String> passedOver, RandomGenerator random) {
    var candidates =
        tenants.stream()
            .filter(Tenant::canTakeOne)
            .filter(t -> !passedOver.contains(t.name()))
            .toList();
    int fewest = candidates.stream().mapToInt(Tenant::inFlight).min().orElse(0);
    var equals = candidates.stream().filter(t -> t.inFlight() == fewest).toList();
    return equals.isEmpty()
        ? Optional.empty()
        : Optional.of(equals.get(random.nextInt(equals.size())));
  }
}
