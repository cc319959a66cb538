package dev.millrace.daemon.template;

import dev.millrace.mapping.Arn;
import java.util.Map;
import java.util.Set;

/**
 * What a template cannot know by itself.
 *
 * @param region region of everything the template creates
 * @param accountId account of everything the template creates
 * @param parameters values of parameters, and of pseudo parameters such as {@code AWS::StackName}
 * @param functions names of the functions that the configuration defines
 */
public record TemplateContext(String region, String accountId, Map<String, String> parameters, Set<String> functions) {

    public TemplateContext {
        parameters = Map.copyOf(parameters);
        functions = Set.copyOf(functions);
    }

    /** Of everything the template creates. */
    String partition() {
        return Arn.partition(region);
    }

    /** Of AWS's addresses in the partition. */
    String urlSuffix() {
        return partition().equals("aws-cn") ? "amazonaws.com.cn" : "amazonaws.com";
    }
}
