package dev.millrace.testkit.dynamodb;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ArgumentsSource;

/** A suite whose constructor takes a {@link DynamoDbEndpoint}: it runs once on each of {@link DynamoDbServers}. */
@Documented
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ParameterizedClass(name = "on {0}")
@ArgumentsSource(DynamoDbServers.class)
public @interface OnEveryDynamoDbServer {}
