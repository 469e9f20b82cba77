import { type FunctionFragment, id, type ParamType, ZeroAddress } from "ethers";

import {
  ADMIN_ROLE,
  type Member,
  membersOf,
  ROLE_NAMES,
  type RoleName,
  ROLES,
  rolesOf,
  selectorOf,
  type Target,
  TARGETS,
  withSteward,
} from "../roles.ts";
import type { Context } from "./context.ts";
import { eventsOf } from "./events.ts";

type AnyRole = RoleName | "admin";

/** Holds no role anywhere. */
const STRANGER = "0x000000000000000000000000000000000000bEEF";
/** Answers to the AccessManager alone, and so to its admin: no role of the table is about it. */
const MANAGERS_OWN = "setAuthority";
const UNAUTHORIZED = id("AccessManagedUnauthorized(address)").slice(0, 10);

const idOf = (role: AnyRole): bigint => (role === "admin" ? ADMIN_ROLE : ROLES[role]);

const expectedMembers = ({ system, addresses }: Context) =>
  membersOf(withSteward(system.authority, addresses.riskSteward));

const managerOf = ({ ethers, addresses }: Context) =>
  ethers.getContractAt("AccessManager", addresses.authority);

type Manager = Awaited<ReturnType<typeof managerOf>>;

const verifyMembers = async (context: Context, manager: Manager): Promise<void> => {
  const { report } = context;
  const expected = expectedMembers(context);
  const granted = await eventsOf(context, manager, "RoleGranted");
  const names = new Map<bigint, AnyRole>(
    (["admin", ...ROLE_NAMES] as const).map((name) => [idOf(name), name]),
  );
  const everHeld = new Set(
    granted.map(({ args }) => `${String(args.getValue("roleId"))} ${String(args.getValue("account"))}`),
  );
  for (const held of everHeld) {
    const [role = "", account = ""] = held.split(" ");
    const [isMember] = await manager.hasRole(role, account);
    if (!isMember) continue;
    const name = names.get(BigInt(role));
    const isExpected = name !== undefined && expected[name].some((member) => member.account === account);
    report.holds(
      isExpected,
      `roles: ${account} holds ${name ?? `role ${role}`}, which the parameters do not say`,
    );
  }
  for (const name of names.values()) {
    for (const member of expected[name]) await verifyMember(context, manager, name, member);
  }
};

const verifyMember = async (
  { report }: Context,
  manager: Manager,
  name: AnyRole,
  { account, delay }: Member,
): Promise<void> => {
  const [isMember] = await manager.hasRole(idOf(name), account);
  report.holds(isMember, `roles: ${account} does not hold ${name}`);
  if (!isMember) return;
  const { currentDelay, effect } = await manager.getAccess(idOf(name), account);
  report.equal(`roles: delay of ${account} as ${name}`, currentDelay, delay);
  report.equal(`roles: moment at which the delay of ${account} as ${name} changes`, effect, 0n);
};

/** Nobody but the admin may change who holds what, or stop what a role decided. */
const verifyRoleSettings = async (context: Context, manager: Manager): Promise<void> => {
  const { report } = context;
  const labels = await eventsOf(context, manager, "RoleLabel");
  for (const name of ROLE_NAMES) {
    const role = ROLES[name];
    const label = labels.findLast(({ args }) => args.getValue("roleId") === role);
    report.equal(`roles: label of role ${role}`, String(label?.args.getValue("label") ?? ""), name);
    report.equal(`roles: admin of ${name}`, await manager.getRoleAdmin(role), ADMIN_ROLE);
    report.equal(`roles: guardian of ${name}`, await manager.getRoleGuardian(role), ADMIN_ROLE);
    report.equal(`roles: grant delay of ${name}`, await manager.getRoleGrantDelay(role), 0n);
  }
};

/** Each function needs the role of the table, and each member may call it with the delay that it was given. */
const verifyFunctions = async (context: Context, manager: Manager, target: Target): Promise<void> => {
  const { report, addresses, compiled } = context;
  const address = addresses[target];
  const members = expectedMembers(context);
  for (const [name, role] of rolesOf(target)) {
    const selector = selectorOf(compiled.interfaces[target], name);
    const found = await manager.getTargetFunctionRole(address, selector);
    report.equal(`roles: ${target}.${name} needs role`, found, ROLES[role]);
    for (const { account, delay } of members[role]) {
      const [immediate, wait] = await manager.canCall(account, address, selector);
      const may = delay === 0n ? immediate : !immediate && wait === delay;
      report.holds(
        may,
        `roles: ${account} as ${role} can't call ${target}.${name} with a delay of ${delay} s`,
      );
    }
  }
  report.equal(`roles: ${target} is closed`, await manager.isTargetClosed(address), false);
  report.equal(`roles: admin delay of ${target}`, await manager.getTargetAdminDelay(address), 0n);
};

const zeroOf = (type: ParamType): unknown => {
  if (type.isArray()) {
    return type.arrayLength > 0
      ? Array.from({ length: type.arrayLength }, () => zeroOf(type.arrayChildren))
      : [];
  }
  if (type.isTuple()) return type.components.map(zeroOf);
  if (type.baseType === "address") return ZeroAddress;
  if (type.baseType === "bool") return false;
  if (type.baseType === "string") return "";
  if (type.baseType === "bytes") return "0x";
  if (type.baseType.startsWith("bytes"))
    return `0x${"00".repeat(Number(type.baseType.slice("bytes".length)))}`;
  return 0n;
};

const refusesStrangers = async (
  { ethers, addresses, compiled }: Context,
  target: Target,
  fragment: FunctionFragment,
) => {
  const data = compiled.interfaces[target].encodeFunctionData(fragment, fragment.inputs.map(zeroOf));
  try {
    await ethers.provider.call({ from: STRANGER, to: addresses[target], data });
    return false;
  } catch (error) {
    const { data } = error as { readonly data?: unknown };
    return typeof data === "string" && data.startsWith(UNAUTHORIZED);
  }
};

/** Asks the contracts themselves: what refuses a stranger stands in the table, and nothing else does. */
const verifyTable = async (context: Context, target: Target): Promise<void> => {
  const { report, compiled } = context;
  const table = new Set(rolesOf(target).map(([name]) => name));
  const writing: FunctionFragment[] = [];
  compiled.interfaces[target].forEachFunction((fragment) => {
    if (!fragment.constant && fragment.name !== MANAGERS_OWN) writing.push(fragment);
  });
  for (const fragment of writing) {
    const refuses = await refusesStrangers(context, target, fragment);
    if (table.has(fragment.name)) {
      report.holds(refuses, `roles: ${target}.${fragment.name} is open to strangers`);
    } else {
      report.holds(!refuses, `roles: ${target}.${fragment.name} is restricted, but no role may call it`);
    }
  }
};

/** Who may do what, by the AccessManager's books and by the contracts' behaviour. */
export const verifyRoles = async (context: Context): Promise<void> => {
  const { report, ethers, addresses } = context;
  const manager = await managerOf(context);
  await report.section("roles", () => verifyMembers(context, manager));
  await report.section("roles", () => verifyRoleSettings(context, manager));
  for (const target of TARGETS) {
    await report.section(`roles: ${target}`, () => verifyFunctions(context, manager, target));
    await report.section(`roles: ${target}`, () => verifyTable(context, target));
    await report.section(`${target}.authority`, async () => {
      // Any contract that obeys a manager shows it alike.
      const managed = await ethers.getContractAt("OracleAdapter", addresses[target]);
      report.equal(`${target}.authority`, await managed.authority(), addresses.authority);
    });
  }
};
