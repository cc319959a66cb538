// A sample function behind the invoker Http: prints what it gets, and reports records whose text contains "fail" as failed.
import { createServer } from "node:http";

const text = (record) => record.body
  ?? (record.kinesis ? Buffer.from(record.kinesis.data, "base64").toString("utf8") : JSON.stringify(record.dynamodb));
const identifier = (record) => record.messageId ?? (record.kinesis ?? record.dynamodb).sequenceNumber
  ?? record.dynamodb.SequenceNumber;

function handle({ Records: records }) {
  const failed = records.filter((record) => text(record).includes("fail"));
  for (const record of records) {
    console.log(failed.includes(record) ? "failed   " : "processed", record.eventSource ?? "", identifier(record), text(record));
  }
  return { batchItemFailures: failed.map((record) => ({ itemIdentifier: identifier(record) })) };
}

const server = createServer(async (request, response) => {
  let event = "";
  for await (const part of request.setEncoding("utf8")) event += part;
  response.setHeader("Content-Type", "application/json");
  try {
    response.end(JSON.stringify(handle(JSON.parse(event))));
  } catch (error) {
    response.statusCode = 500;
    response.end(JSON.stringify({ errorType: error.name, errorMessage: error.message }));
  }
});
server.listen(Number(process.env.PORT ?? 8080));
process.on("SIGTERM", () => server.close());
