// What the pages' scripts find around them. Of the browser all is taken as it comes: it is the provider's part that is
// checked here, by the provider's own types. Their names are global, for the scripts' `@type` comments.
import type * as provider from "@stripe/stripe-js";

declare global {
  type StripeJs = provider.Stripe;
  type StripeElements = provider.StripeElements;
  type StripeAppearance = provider.Appearance;
  type StripeFutureUsage = { setupFutureUsage: "off_session" | null };
  // The card's fields as they come to be: null until there is something to call.
  type StripeProvider = { stripe: StripeJs | null; elements: StripeElements | null };

  type WithoutCurrency<Options> = Options extends unknown ? Omit<Options, "currency"> : never;

  interface KeywrightCard {
    mount(part: {
      place: any;
      options: () => WithoutCurrency<provider.StripeElementsOptionsMode>;
      hear: (told: StripeProvider) => void;
    }): { show: () => void };
    billingDetails(address: Partial<provider.Address>): provider.PaymentMethodCreateParams.BillingDetails;
    [other: string]: any;
  }

  const window: { Stripe?: provider.StripeConstructor; keywrightCard: KeywrightCard };
  const document: any;
  const location: any;
  const htmx: any;
  const fetch: any;
  const FormData: any;
  const MutationObserver: any;
  const getComputedStyle: any;
  const matchMedia: any;
  const addEventListener: any;
  const setTimeout: any;
  const clearTimeout: any;
}
