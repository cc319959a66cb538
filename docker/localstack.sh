#!/bin/sh
# Makes the queue, the stream and the table that millrace.localstack.yaml names. LocalStack runs it when it is ready.
set -eu

awslocal sqs create-queue --queue-name orders-dead
awslocal sqs create-queue --queue-name clicks-failed
awslocal sqs create-queue --queue-name orders --attributes \
    '{"VisibilityTimeout": "60", "RedrivePolicy": "{\"deadLetterTargetArn\": \"arn:aws:sqs:us-east-1:000000000000:orders-dead\", \"maxReceiveCount\": \"3\"}"}'
awslocal kinesis create-stream --stream-name clicks --shard-count 2
awslocal kinesis wait stream-exists --stream-name clicks
awslocal dynamodb create-table --table-name carts --billing-mode PAY_PER_REQUEST \
    --attribute-definitions AttributeName=id,AttributeType=S --key-schema AttributeName=id,KeyType=HASH \
    --stream-specification StreamEnabled=true,StreamViewType=NEW_AND_OLD_IMAGES
touch /tmp/resources-made
