package dev.millrace.daemon.config;

import dev.millrace.filter.FilterOperators;
import dev.millrace.mapping.MappingRules;

/**
 * What the filters of mappings may be.
 *
 * @param operators which operators their patterns may use
 * @param quota most filters per mapping, 1 to 10
 */
public record FilterSettings(FilterOperators operators, int quota) {
    public static final FilterSettings DEFAULT =
            new FilterSettings(FilterOperators.DOCUMENTED, MappingRules.DEFAULT_FILTER_QUOTA);
}
