package dev.understudy.core.performance;

import java.util.regex.Pattern;

/** A file's name without its ending, such that every tool takes it as a part of a key. */
final class FileStem {

  private static final Pattern UNSAFE = Pattern.compile("[^A-Za-z0-9_-]+");

  /** Two of them and their folders stay well below the 1,024 bytes of a key. */
  private static final int LONGEST = 100;

  private FileStem() {}

  /**
   * The stem of a name.
   *
   * @param otherwise what to take of a name of which nothing is left
   */
  static String of(String name, String otherwise) {
    int dot = name.lastIndexOf('.');
    var stem = UNSAFE.matcher(dot > 0 ? name.substring(0, dot) : name).replaceAll("-");
    var cut = stem.length() > LONGEST ? stem.substring(0, LONGEST) : stem;
    return cut.chars().allMatch(c -> c == '-') ? otherwise : cut;
  }
}
