// npm sqs-consumer with a batch handler, tuned for throughput: as many consumers as the other peers have batches at a
// time, one SDK client with kept-alive connections, undici (the fastest HTTP client for Node.js) for the POST.
// Arguments: SQS-ENDPOINT QUEUE-URL FUNCTION-URL CONCURRENCY CLIENT (CLIENT is ignored).
import {Agent} from 'node:http';
import {SQSClient} from '@aws-sdk/client-sqs';
import {NodeHttpHandler} from '@smithy/node-http-handler';
import {Consumer} from 'sqs-consumer';
import {Pool} from 'undici';

const [endpoint, queueUrl, functionUrl, concurrencyText] = process.argv.slice(2);
const concurrency = Number(concurrencyText);

const sqs = new SQSClient({
  region: 'us-east-1',
  endpoint,
  credentials: {accessKeyId: 'bench', secretAccessKey: 'bench'},
  requestHandler: new NodeHttpHandler({httpAgent: new Agent({keepAlive: true, maxSockets: concurrency * 2})}),
});
const {origin, pathname} = new URL(functionUrl);
const pool = new Pool(origin, {connections: concurrency});

async function handleMessageBatch(messages) {
  const {statusCode, body} = await pool.request({
    path: pathname,
    method: 'POST',
    headers: {'content-type': 'application/json'},
    body: JSON.stringify(messages.map((message) => message.Body)),
  });
  await body.dump();
  if (statusCode !== 200) {
    throw new Error(`the function answered ${statusCode}`);
  }
  return messages;
}

for (let i = 0; i < concurrency; i++) {
  const consumer = Consumer.create({
    queueUrl,
    sqs,
    batchSize: 10,
    waitTimeSeconds: 20,
    messageSystemAttributeNames: ['All'],
    messageAttributeNames: ['All'],
    handleMessageBatch,
  });
  consumer.on('error', (error) => {
    console.error(error);
    process.exit(1);
  });
  consumer.start();
}
