/** Tags of EC2's resources that are not instances: launch templates, subnets, security groups, images. */

export type ResourceTags = ReturnType<typeof createResourceTags>;

export function createResourceTags() {
  const all = new Map<string, Readonly<Record<string, string>>>();
  const of = (id: string) => all.get(id) ?? {};
  return {
    of,
    put: (id: string, tags: Readonly<Record<string, string>>): void => void all.set(id, { ...of(id), ...tags }),
    /** A value of undefined takes the key away whatever it says. */
    remove: (id: string, tags: readonly { readonly key: string; readonly value?: string | undefined }[]): void => {
      const fits = (key: string, value: string) =>
        tags.some((one) => one.key === key && (one.value === undefined || one.value === value));
      all.set(id, Object.fromEntries(Object.entries(of(id)).filter(([key, value]) => !fits(key, value))));
    },
    forget: (id: string): void => void all.delete(id),
  };
}
