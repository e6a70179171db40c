// The simulator's stand-in for Stripe.js has no call that Stripe.js hasn't, and takes what Stripe.js takes. The test puts
// the script beside this file, as a module.
import type { Stripe, StripeElements, StripePaymentElement } from "@stripe/stripe-js";
import { Elements as OurElements, make, PaymentElement as OurElement, Stripe as OurStripe } from "./script.js";

type Foreign<Ours, Theirs, Own> = Exclude<keyof Ours, keyof Theirs | Own>;
const none = <Found extends never>() => undefined as Found;

none<Foreign<OurStripe, Stripe, "confirm" | "confirmCard" | "goOn" | "key" | "lastElements" | "retrieve">>();
none<
  Foreign<
    OurElements,
    StripeElements,
    | "appearance" | "element" | "isDeferred" | "isSubmitted" | "key" | "makeMethod" | "mismatch" | "on" | "options"
    | "updateHandlers"
  >
>();
none<
  Foreign<
    OurElement,
    StripePaymentElement,
    "elements" | "fire" | "frame" | "handlers" | "isReady" | "options" | "tellAppearance"
  >
>();

type Given<Name extends keyof Stripe> = Stripe[Name] extends (...given: infer All) => unknown ? All : never;
declare function given<Name extends keyof Stripe>(name: Name): Given<Name>;

const ours: OurStripe = make("pk_test_types");
ours.elements(...(given("elements") as [object?]));
ours.retrievePaymentIntent(...given("retrievePaymentIntent"));
ours.retrieveSetupIntent(...given("retrieveSetupIntent"));
ours.confirmPayment(...given("confirmPayment"));
ours.confirmSetup(...given("confirmSetup"));
ours.confirmCardPayment(...given("confirmCardPayment"));
ours.confirmCardSetup(...given("confirmCardSetup"));
ours.handleNextAction({ clientSecret: "pi_1_secret_1" });
