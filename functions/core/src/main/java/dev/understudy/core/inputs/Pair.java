package dev.understudy.core.inputs;

/** Both inputs of a performance, there but not looked at. */
public record Pair(There character, There reference) {}
