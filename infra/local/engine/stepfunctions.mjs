// Step Functions for the local run: the service's wire protocol (AWS JSON 1.0)
// over aws-local-stepfunctions, which runs the state machines. Executions live in
// memory and end with this process; bookings that they leave unsettled are
// sweep's to find.
//
//   node stepfunctions.mjs CONFIG.json
//
// CONFIG: {"port": 0, "lambda": "http://127.0.0.1:PORT", "retryScale": 1,
//          "stateMachines": {"book": {…ASL…}}}
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { ExecutionAbortedError, ExecutionTimeoutError, StateMachine } from 'aws-local-stepfunctions';

const config = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const ACCOUNT = 'us-east-1:000000000000';
const LAMBDA_ARN = /^arn:aws:lambda:[^:]+:\d{12}:function:([A-Za-z0-9_-]+)$/;
// https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html
const NAME = /^[^\s<>{}[\]?*"#%\\^|~`$&,;:/\p{Cc}]{1,80}$/u;
const MAX_INPUT_BYTES = 262144;

/** An error that a state machine can name: what Retry and Catch match is `name`. */
class TaskError extends Error {
  constructor(name, cause) {
    super(cause);
    this.name = name;
  }
}

/** An error of the service itself, as its API reports it. */
class ServiceError extends Error {
  constructor(type, message) {
    super(message);
    this.type = type;
  }
}

/** Calls a function as Step Functions does and gives errors the names that it gives. */
async function invoke(functionName, input) {
  let response;
  let payload;
  try {
    response = await fetch(`${config.lambda}/2015-03-31/functions/${functionName}/invocations`, {
      method: 'POST',
      body: JSON.stringify(input),
    });
    payload = await response.text();
  } catch (error) {
    throw new TaskError('Lambda.SdkClientException', `Unable to reach ${functionName}: ${error.message}`);
  }
  if (response.status === 429) throw new TaskError('Lambda.TooManyRequestsException', payload);
  if (response.status >= 500) throw new TaskError('Lambda.ServiceException', payload);
  if (!response.ok) throw new TaskError('Lambda.AWSLambdaException', payload);
  if (response.headers.has('x-amz-function-error')) {
    throw new TaskError(JSON.parse(payload).errorType ?? 'Lambda.Unknown', payload);
  }
  return payload === '' ? null : JSON.parse(payload);
}

/** Visits every state of a definition, those inside Parallel and Map too. */
function eachState(definition, visit) {
  for (const [name, state] of Object.entries(definition.States)) {
    visit(name, state);
    for (const branch of state.Branches ?? []) eachState(branch, visit);
    const inner = state.ItemProcessor ?? state.Iterator;
    if (inner) eachState(inner, visit);
  }
}

/** A state machine made ready to run: validated as written, its waits scaled. */
class Machine {
  constructor(name, definition) {
    new StateMachine(definition); // throws on what is not valid ASL
    this.name = name;
    this.arn = `arn:aws:states:${ACCOUNT}:stateMachine:${name}`;
    this.functions = {}; // of Task states, by state name
    const scaled = structuredClone(definition);
    const scale = config.retryScale ?? 1;
    eachState(scaled, (stateName, state) => {
      for (const retrier of state.Retry ?? []) {
        retrier.IntervalSeconds = (retrier.IntervalSeconds ?? 1) * scale;
        if (retrier.MaxDelaySeconds) retrier.MaxDelaySeconds *= scale;
      }
      if (state.Type === 'Wait' && state.Seconds) state.Seconds *= scale;
      if (state.Type === 'Task') {
        const functionName = LAMBDA_ARN.exec(state.Resource)?.[1];
        if (!functionName) throw new Error(`${name}: ${stateName}: Resource ${state.Resource} is not a function's ARN`);
        this.functions[stateName] = functionName;
      }
    });
    // Scaled waits may be fractions, which are not valid ASL.
    this.machine = new StateMachine(scaled, { validationOptions: { noValidate: true } });
  }

  run(execution) {
    const handlers = Object.fromEntries(
      Object.entries(this.functions).map(([state, functionName]) => [
        state,
        // The library takes up an aborted state's retry once more: that call must not be made.
        (input) => (execution.stopping ? new Promise(() => {}) : invoke(functionName, input)),
      ]),
    );
    return this.machine.run(JSON.parse(execution.input), {
      overrides: { taskResourceLocalHandlers: handlers },
      context: {
        Execution: { Id: execution.executionArn, Name: execution.name },
        StateMachine: { Id: this.arn, Name: this.name },
      },
    });
  }
}

const machines = new Map();
for (const [name, definition] of Object.entries(config.stateMachines)) {
  const machine = new Machine(name, definition);
  machines.set(machine.arn, machine);
}

const executions = new Map(); // by ARN
const running = new Map(); // what can be aborted, by ARN

const now = () => Date.now() / 1000; // the wire's timestamps are seconds

function startExecution({ stateMachineArn, name = randomUUID(), input = '{}' }) {
  const machine = machines.get(stateMachineArn);
  if (!machine) throw new ServiceError('StateMachineDoesNotExist', `State Machine Does Not Exist: '${stateMachineArn}'`);
  if (!NAME.test(name)) throw new ServiceError('InvalidName', `Invalid Name: '${name}'`);
  if (Buffer.byteLength(input) > MAX_INPUT_BYTES || !isJSON(input)) {
    throw new ServiceError('InvalidExecutionInput', 'Invalid State Machine Execution Input');
  }
  const executionArn = `arn:aws:states:${ACCOUNT}:execution:${machine.name}:${name}`;
  const known = executions.get(executionArn);
  if (known) {
    // Only while it runs, and with the very same input, is a second start the first one.
    if (known.status === 'RUNNING' && known.input === input) return { executionArn, startDate: known.startDate };
    throw new ServiceError('ExecutionAlreadyExists', `Execution Already Exists: '${executionArn}'`);
  }
  const execution = { executionArn, stateMachineArn, name, input, status: 'RUNNING', startDate: now() };
  executions.set(executionArn, execution);
  follow(execution, machine.run(execution));
  return { executionArn, startDate: execution.startDate };
}

/** Records how an execution ends. */
async function follow(execution, run) {
  running.set(execution.executionArn, run);
  report(execution, run.eventLogs);
  try {
    execution.output = JSON.stringify(await run.result);
    execution.status = 'SUCCEEDED';
  } catch (error) {
    if (error instanceof ExecutionTimeoutError) {
      execution.status = 'TIMED_OUT';
      execution.error = 'States.Timeout';
    } else if (error instanceof ExecutionAbortedError) {
      execution.status = 'ABORTED';
    } else {
      execution.status = 'FAILED';
      execution.error = error.cause?.name;
      execution.cause = error.cause?.message;
    }
  }
  execution.stopDate = now();
  running.delete(execution.executionArn);
}

/** Logs what happens, by names alone: inputs and causes stay out of logs. */
async function report(execution, events) {
  for await (const event of events) {
    const line = { time: new Date(event.timestamp).toISOString(), execution: execution.name, event: event.type };
    if (event.state) line.state = event.state.name;
    if (event.Error) line.error = event.Error;
    console.log(JSON.stringify(line));
  }
}

function find(executionArn) {
  const execution = executions.get(executionArn);
  if (!execution) throw new ServiceError('ExecutionDoesNotExist', `Execution Does Not Exist: '${executionArn}'`);
  return execution;
}

function describeExecution({ executionArn }) {
  const { stopping, ...known } = find(executionArn);
  return { ...known, inputDetails: { included: true }, outputDetails: { included: true } };
}

async function stopExecution({ executionArn, error, cause }) {
  const execution = find(executionArn);
  const run = running.get(executionArn);
  if (run) {
    Object.assign(execution, { stopping: true, error, cause });
    run.abort();
    await run.result.catch(() => {});
    execution.stopDate ??= now();
  }
  return { stopDate: execution.stopDate };
}

function isJSON(text) {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

const actions = {
  'AWSStepFunctions.StartExecution': startExecution,
  'AWSStepFunctions.DescribeExecution': describeExecution,
  'AWSStepFunctions.StopExecution': stopExecution,
};

async function answer(request) {
  const action = actions[request.headers['x-amz-target']];
  if (!action) throw new ServiceError('UnknownOperationException', `No such operation: ${request.headers['x-amz-target']}`);
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = Buffer.concat(chunks).toString();
  if (!isJSON(body)) throw new ServiceError('SerializationException', 'The body is not JSON');
  return action(JSON.parse(body));
}

const server = createServer(async (request, response) => {
  const send = (status, body) => {
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0', 'x-amzn-requestid': randomUUID() });
    response.end(JSON.stringify(body));
  };
  if (request.method === 'GET') {
    send(200, { status: 'ready', stateMachines: [...machines.keys()] });
    return;
  }
  try {
    send(200, await answer(request));
  } catch (error) {
    if (error instanceof ServiceError) {
      send(400, { __type: error.type, message: error.message });
    } else {
      console.error(error);
      send(500, { __type: 'InternalServerError', message: 'Internal error' });
    }
  }
});

server.listen(config.port, '127.0.0.1', () => console.log(JSON.stringify({ event: 'listening', port: server.address().port })));
