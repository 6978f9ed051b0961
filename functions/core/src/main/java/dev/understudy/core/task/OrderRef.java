package dev.understudy.core.task;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;

/**
 * Where in S3 a task was ordered.
 *
 * @param formKey the key of the order form, {@code incoming/<folder>/task.json}
 * @param folder the folder below {@code incoming/}, without slashes at its ends
 * @param take 1 for the folder's first task, and so on
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record OrderRef(String formKey, String folder, int take) {}
