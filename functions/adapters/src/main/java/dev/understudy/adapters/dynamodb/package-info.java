/** The table: tasks, history, places, money, orders and the control item in DynamoDB. */
@NullMarked
package dev.understudy.adapters.dynamodb;

import org.jspecify.annotations.NullMarked;
