package dev.millrace.daemon.template;

import dev.millrace.config.ConfigNode;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;

/**
 * What {@code Ref} and {@code Fn::GetAtt} answer for the resources a mapping can name: built from the resource's own name,
 * or from its logical id where the template leaves the name to AWS.
 */
final class ResourceNames {

    /** Label of a table's stream in a template; the real one is known only once the table exists. */
    static final String CURRENT_STREAM = "latest";

    private static final String FIFO_SUFFIX = ".fifo";

    private final Intrinsics intrinsics;
    private final TemplateContext context;
    /** Names being worked out: one that needs itself is a circle. */
    private final Set<String> underway = new HashSet<>();

    ResourceNames(Intrinsics intrinsics, TemplateContext context) {
        this.intrinsics = intrinsics;
        this.context = context;
    }

    /** A value, or why there is none. */
    sealed interface Answer {
        default ConfigNode node(Intrinsics.Call call) {
            return switch (this) {
                case Value value -> call.scalar(value.text());
                case Unknown unknown -> call.fail(unknown.reason());
            };
        }
    }

    record Value(String text) implements Answer {}

    record Unknown(String reason) implements Answer {}

    Answer ref(Resource resource) {
        return switch (resource.type()) {
            case "AWS::SQS::Queue" ->
                new Unknown("is the queue's URL, a mapping needs its ARN: write !GetAtt " + resource.id() + ".Arn");
            case "AWS::SNS::Topic" -> new Value(arn("sns", fifoName(resource, "TopicName", "FifoTopic")));
            case "AWS::Lambda::Alias" -> alias(resource);
            case "AWS::Lambda::Version", "AWS::Kinesis::StreamConsumer" -> onlyAfterCreation(resource);
            case "AWS::Kinesis::Stream" -> new Value(name(resource, "Name"));
            case "AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable", "AWS::Serverless::SimpleTable" ->
                new Value(name(resource, "TableName"));
            case "AWS::S3::Bucket" -> new Value(bucketName(resource));
            case "AWS::Lambda::Function", "AWS::Serverless::Function" -> new Value(functionName(resource));
            default -> unknown(resource, "Ref");
        };
    }

    Answer attribute(Resource resource, String attribute) {
        return switch (attribute) {
            case "Arn" -> {
                String arn = arn(resource);
                yield arn.isEmpty() ? unknown(resource, attribute) : new Value(arn);
            }
            case "StreamArn" -> {
                String arn = arn(resource);
                yield arn.contains(":table/")
                        ? new Value(arn + "/stream/" + CURRENT_STREAM)
                        : unknown(resource, attribute);
            }
            case "TopicArn" ->
                resource.type().equals("AWS::SNS::Topic") ? new Value(arn(resource)) : unknown(resource, attribute);
            case "QueueName" ->
                resource.type().equals("AWS::SQS::Queue")
                        ? new Value(fifoName(resource, "QueueName", "FifoQueue"))
                        : unknown(resource, attribute);
            case "ConsumerARN" -> onlyAfterCreation(resource);
            default -> unknown(resource, attribute);
        };
    }

    private String arn(Resource resource) {
        return switch (resource.type()) {
            case "AWS::SQS::Queue" -> arn("sqs", fifoName(resource, "QueueName", "FifoQueue"));
            case "AWS::SNS::Topic" -> arn("sns", fifoName(resource, "TopicName", "FifoTopic"));
            case "AWS::Kinesis::Stream" -> arn("kinesis", "stream/" + name(resource, "Name"));
            case "AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable", "AWS::Serverless::SimpleTable" ->
                arn("dynamodb", "table/" + name(resource, "TableName"));
            case "AWS::S3::Bucket" -> "arn:" + context.partition() + ":s3:::" + bucketName(resource);
            case "AWS::Lambda::Function", "AWS::Serverless::Function" ->
                arn("lambda", "function:" + functionName(resource));
            default -> "";
        };
    }

    private String arn(String service, String resource) {
        return String.join(":", "arn", context.partition(), service, context.region(), context.accountId(), resource);
    }

    private String name(Resource resource, String property) {
        String path = resource.path() + ".Properties." + property;
        if (!underway.add(path)) {
            return intrinsics.refersToItself(resource, path);
        }
        try {
            return resource.property(property)
                    .map(node -> intrinsics.text(node, path))
                    .filter(text -> !text.isEmpty())
                    .orElse(resource.id());
        } finally {
            underway.remove(path);
        }
    }

    private String fifoName(Resource resource, String property, String flag) {
        String name = name(resource, property);
        boolean fifo = resource.property(flag)
                .map(node -> intrinsics.text(node, resource.path() + ".Properties." + flag))
                .filter("true"::equalsIgnoreCase)
                .isPresent();
        return fifo && !name.endsWith(FIFO_SUFFIX) ? name + FIFO_SUFFIX : name;
    }

    private String bucketName(Resource resource) {
        return name(resource, "BucketName").toLowerCase(Locale.ROOT);
    }

    /** The configuration may define the function by its logical id or by its name; the logical id needs no resolving. */
    String functionName(Resource resource) {
        return context.functions().contains(resource.id()) ? resource.id() : name(resource, "FunctionName");
    }

    private Answer alias(Resource alias) {
        ConfigNode function = alias.property("FunctionName").orElse(null);
        ConfigNode name = alias.property("Name").orElse(null);
        if (function == null || name == null) {
            return new Unknown("the alias has no FunctionName or no Name");
        }
        String path = alias.path() + ".Properties.";
        String target = intrinsics.text(function, path + "FunctionName");
        String qualified = target + ":" + intrinsics.text(name, path + "Name");
        return new Value(target.startsWith("arn:") ? qualified : arn("lambda", "function:" + qualified));
    }

    private static Answer onlyAfterCreation(Resource resource) {
        return new Unknown(resource.type() + " has its ARN only after creation; write that ARN itself");
    }

    private static Answer unknown(Resource resource, String attribute) {
        return new Unknown(
                attribute + " of " + (resource.type().isEmpty() ? "a resource without Type" : resource.type())
                        + " cannot be worked out; write the value itself");
    }
}
