import { placesOf } from "../../cli/places";
import { privateFolder } from "../../cli/running-stack";
import { stackDirectory } from "../../plan/plan-topology";

test("a stack's private files lie in its folder, which ./lab destroy and ./lab gc remove", () => {
  const places = placesOf("/checkout");
  expect(privateFolder(places, "two").startsWith(`${stackDirectory(places.root, "two")}/`)).toBe(true);
});
