// What checks say, in English and in Arabic; what stands in braces is filled in.

// What was checked and is right.
const RIGHT = {
  files: [
    "The {number} files are whole: each is the one that the result names, and none contradicts itself.",
    "الملفات كلها سليمة (عددها {number}): كل ملف هو الذي سمّته النتيجة، ولا تناقض فيها.",
  ],
  log: [
    "Announcement, closing statement and result stand in the public log {name}, in this order.",
    "الإعلان وبيان الإغلاق والنتيجة مكتوبة بهذا الترتيب في السجل العام {name}.",
  ],
  witnesses: [
    "Witnesses signed the closing statement in time: {names}. At least {need} had to.",
    "وقّع الشهود بيان الإغلاق في وقته: {names}. وكان يلزم منهم {need} على الأقل.",
  ],
  "no-witnesses": [
    "This draw was announced without witnesses: the office alone vouches for its log.",
    "أُعلنت هذه القرعة بلا شهود: الجهة وحدها تشهد على سجلّها.",
  ],
  announced: [
    "The draw kept to its announcement: the same times and days, the same secret number, the same source of chance.",
    "جرت القرعة كما أُعلنت: الأوقات والأيام نفسها، والرقم السري نفسه، ومصدر العدد العشوائي نفسه.",
  ],
  "announced-again": [
    "The draw kept to its announcement. It replaces the draw {of}, which was given up. The reason given: {reason}",
    "جرت القرعة كما أُعلنت. وهي بدل القرعة {of} التي أُلغيت. السبب المذكور: {reason}",
  ],
  lists: [
    "No request was added, left out or changed after the closing: {number} in the line, {turns} whose turn was kept.",
    "لم يُضف طلب ولم يُحذف ولم يُغيَّر بعد الإغلاق: في الدور {number}، وحُفظ الدور لطلبات عددها {turns}.",
  ],
  seed: [
    "The office's secret number is the one that it fixed before anyone asked.",
    "الرقم السري للجهة هو الذي ثبّتته قبل أن يطلب أحد.",
  ],
  drand: [
    "Chance came from round {round} of the public network drand, and its signature is genuine.",
    "جاء العدد العشوائي من الجولة {round} للشبكة العامة drand، وتوقيعها صحيح.",
  ],
  "drand-other": [
    "Chance came from round {round} of a network that this page does not know: the office itself named its key. Ask " +
      "who runs it, and who could know its value early.",
    "جاء العدد العشوائي من الجولة {round} لشبكة لا تعرفها هذه الصفحة، والجهة نفسها سمّت مفتاحها. اسأل من يديرها ومن " +
      "يستطيع معرفة قيمتها قبل غيره.",
  ],
  "own-group": [
    "Chance came from a key of the office itself: it is the only value possible, but the office could know it early.",
    "جاء العدد العشوائي من مفتاح الجهة نفسها: هي القيمة الوحيدة الممكنة، لكن الجهة تستطيع معرفتها قبل غيرها.",
  ],
  group: [
    "Chance came from the joint signature of {names} ({need} needed): the only one that can exist for this draw.",
    "جاء العدد العشوائي من التوقيع المشترك: {names} (يلزم {need})، وهو التوقيع الوحيد الممكن لهذه القرعة.",
  ],
  line: [
    "Everyone stands where chance put them: all {number} lottery numbers were computed again.",
    "كل طلب في المكان الذي وضعه فيه العدد العشوائي: أُعيد حساب أرقام القرعة كلها، وعددها {number}.",
  ],
  served: [
    "{served} of {number} requests got an appointment ({people} people), as the result says.",
    "نال موعدًا {served} من {number} من الطلبات (عدد الأشخاص {people})، كما تقول النتيجة.",
  ],
  audit: [
    "The value that picks the lines which observers open is the only one possible for this result.",
    "القيمة التي تختار الأسطر التي يفتحها المراقبون هي الوحيدة الممكنة لهذه النتيجة.",
  ],
  "audit-late": [
    "The value that picks the lines which observers open is right, but witnesses saw the result too late: the office " +
      "could know early which lines would be opened.",
    "القيمة التي تختار الأسطر التي يفتحها المراقبون صحيحة، لكن الشهود رأوا النتيجة متأخرين: كان بوسع الجهة أن تعرف مسبقًا " +
      "أي أسطر ستُفتح.",
  ],
  priorities: [
    "No earlier draw counts twice for anyone.",
    "لا تُحسب قرعة سابقة لأحد مرتين.",
  ],
  inside: [
    "Your request is inside, exactly as you asked: line {row} of line.csv.",
    "طلبك موجود كما طلبته تمامًا: السطر {row} من line.csv.",
  ],
  logged: [
    "Your request was in the public log before the list was closed (entry {at}).",
    "كان طلبك في السجل العام قبل إغلاق القائمة (القيد {at}).",
  ],
  place: [
    "Your appointment is the one that the result fixed, at an office and on a day that you asked for.",
    "موعدك هو الذي ثبّتته النتيجة، في فرع ويوم من اختيارك.",
  ],
  "no-place": [
    "The result fixed that your request got no appointment this time.",
    "ثبّتت النتيجة أن طلبك لم ينل موعدًا هذه المرة.",
  ],
  "no-place-yet": [
    "This receipt is from before the result. Download it again from your request's page to check your appointment too.",
    "هذا الإيصال من قبل النتيجة. نزّله مرة أخرى من صفحة طلبك للتحقق من موعدك أيضًا.",
  ],
  night: [
    "The night's list is the one that was closed, with {number} people who took part.",
    "قائمة الليلة هي التي أُغلقت، وعدد المشاركين فيها {number}.",
  ],
  "night-log": [
    "Announcement and closing statement stand in the public log {name}, in this order; {number} witnesses signed in time.",
    "الإعلان وبيان الإغلاق مكتوبان بهذا الترتيب في السجل العام {name}، ووقّع في الوقت {number} من الشهود.",
  ],
  wish: [
    "Your wish took part exactly as you made it: size {units}, line {line} of night.json. It was in the log before.",
    "شاركت رغبتك كما سجّلتها تمامًا: الحجم {units}، السطر {line} من night.json، وكانت في السجل قبل ذلك.",
  ],
  "wish-late": [
    "Your wish came into the log after this night was closed (entry {at}), so it could not count on it.",
    "دخلت رغبتك السجل بعد إغلاق هذه الليلة (القيد {at})، فلم يكن ممكنًا حسابها فيها.",
  ],
};

// What is wrong: with a file, with the draw, with a receipt.
const WRONG = {
  missing: ["{file} is missing.", "الملف {file} ناقص."],
  large: ["{file} is larger than any draw's.", "الملف {file} أكبر من ملفات أي قرعة."],
  utf8: ["{file} is not text (UTF-8).", "الملف {file} ليس نصًا (UTF-8)."],
  json: ["{file} is not JSON that can be read in one way only.", "الملف {file} ليس JSON يُقرأ بطريقة واحدة."],
  "key-twice": ["{file} says something twice.", "في الملف {file} شيء مكرّر."],
  "key-missing": ["{file} does not say {key}.", "الملف {file} لا يذكر {key}."],
  "key-unknown": ["{file} has something that no draw has: {key}.", "في الملف {file} ما ليس في أي قرعة: {key}."],
  number: [
    "{file}: a number is not the one that was fixed, or too large.",
    "الملف {file}: عدد غير الذي ثُبّت، أو كبير جدًا.",
  ],
  spelling: [
    "{file} is spelled in another way than the rules allow.",
    "الملف {file} مكتوب بغير الطريقة التي تسمح بها القواعد.",
  ],
  value: ["{file}: {key} holds what it cannot hold.", "الملف {file}: في {key} قيمة غير ممكنة."],
  columns: ["{file} is another table than it should be.", "الملف {file} جدول غير المطلوب."],
  cut: ["{file} is cut off. Download it again.", "الملف {file} مقطوع. نزّله مرة أخرى."],
  order: ["{file}: what is there is out of order, or there twice.", "الملف {file}: محتواه غير مرتّب أو مكرّر."],
  times: ["{file}: its times do not follow each other.", "الملف {file}: أوقاته لا يتبع بعضها بعضًا."],
  hash: [
    "{file} was changed: its fingerprint is not the one that was fixed.",
    "الملف {file} تغيّر: بصمته غير التي ثُبّتت.",
  ],
  differs: ["{file}: {key} is not what {other} says.", "الملف {file}: ‏{key} غير ما في {other}."],
  packed: ["{file} holds damaged data.", "في الملف {file} بيانات تالفة."],
  bin: [
    "{file}: these places contradict others, or the days of the draw.",
    "الملف {file}: هذه الأماكن تناقض غيرها أو أيام القرعة.",
  ],
  "slot-twice": ["{file}: the places of slot {slot} are there twice.", "الملف {file}: أماكن الفترة {slot} مكرّرة."],
  zip: ["{file} is not a zip that can be read. Download it again.", "الملف {file} ليس zip صالحًا. نزّله مرة أخرى."],
  "file-twice": ["{file} is in the zip twice.", "الملف {file} مكرّر في zip."],

  key: ["{file}: a key in it is not one that can sign.", "الملف {file}: فيه مفتاح لا يصلح للتوقيع."],
  proof: ["{file}: its proof from the log cannot be read.", "الملف {file}: إثباته من السجل لا يُقرأ."],
  "log-signature": ["{file}: the log did not sign this.", "الملف {file}: لم يوقّع السجل هذا."],
  "not-in-log": ["{file}: this does not stand in the log.", "الملف {file}: هذا غير مكتوب في السجل."],
  "log-order": ["{file}: it does not stand in the log when it should.", "الملف {file}: موضعه في السجل غير صحيح."],
  cosignature: [
    "{file}: the signature of the witness {witness} is false.",
    "الملف {file}: توقيع الشاهد {witness} غير صحيح.",
  ],
  "few-witnesses": [
    "{file}: only {number} witnesses signed in time, {need} are needed.",
    "الملف {file}: وقّع في الوقت {number} من الشهود، ويلزم {need}.",
  ],
  round: [
    "{file}: it names another round of drand than the rule gives.",
    "الملف {file}: يسمّي جولة غير التي تحددها القاعدة.",
  ],
  root: [
    "{file}: the list is not the one that was fixed at the closing.",
    "الملف {file}: القائمة غير التي ثُبّتت عند الإغلاق.",
  ],
  seed: ["{file}: the secret number is not the one that was promised.", "الملف {file}: الرقم السري غير الذي وُعد به."],
  beacon: [
    "{file}: the signature that chance comes from is false.",
    "الملف {file}: التوقيع الذي يأتي منه العدد العشوائي غير صحيح.",
  ],
  audit: [
    "{file}: the signature that picks the lines for observers is false.",
    "الملف {file}: التوقيع الذي يختار الأسطر للمراقبين غير صحيح.",
  ],
  "value-of-beacon": [
    "{file}: its value does not follow from its signature.",
    "الملف {file}: قيمته لا تنتج من توقيعه.",
  ],
  line: ["{file}: somebody stands where chance did not put them.", "الملف {file}: طلب في مكان لم يضعه فيه العدد العشوائي."],
  served: [
    "{file}: {number} requests got an appointment, not as many as it says.",
    "الملف {file}: نال موعدًا {number} من الطلبات، لا العدد المذكور.",
  ],
  priority: ["{file}: a priority is not one that can be there.", "الملف {file}: أولوية غير ممكنة."],
  "link-twice": ["{file}: an earlier request counts for two.", "الملف {file}: طلب سابق محسوب مرتين."],

  "wish-missing": [
    "This night has no line of your wish. Either it had ended or was replaced before, or it was left out. Which, the log " +
      "says: {address}. Where it names {ended}, your wish ended. If it says nothing, keep receipt and files, and ask the office.",
    "لا سطر لرغبتك في هذه الليلة: إما أنها انتهت أو حلّت محلها أخرى قبل الإغلاق، أو أُسقطت. السجل يذكر أيهما: {address}. " +
      "فإن ذكر {ended} فقد انتهت رغبتك. وإن لم يذكر شيئًا فاحتفظ بالإيصال والملفات واسأل الفرع.",
  ],
  "other-draw": [
    "This receipt is for the draw {draw}, these files are of {reference}. Choose the files of your draw. Whether another " +
      "receipt replaced this one since, the log says: {address}",
    "هذا الإيصال للقرعة {draw}، وهذه ملفات {reference}. اختر ملفات قرعتك. وإن حلّ محله إيصال آخر بعدها فالسجل يذكر ذلك: {address}",
  ],
  "not-inside": [
    "Your request is not in the list as you asked. Keep receipt and files, and ask the office for the reason. Whether " +
      "another receipt replaced this one, when and by which, the log says: {address}",
    "طلبك ليس في القائمة كما طلبته. احتفظ بالإيصال والملفات واسأل الفرع عن السبب. وإن حلّ محله إيصال آخر فالسجل يذكر متى " +
      "وأي إيصال: {address}",
  ],
  "other-link": [
    "The list does not count the earlier draws that your receipt names.",
    "القائمة لا تحسب القرعات السابقة المذكورة في إيصالك.",
  ],
  "not-logged": [
    "This receipt was downloaded before the log had your request. Download it again from your request's page.",
    "نُزّل هذا الإيصال قبل كتابة طلبك في السجل. نزّله مرة أخرى من صفحة طلبك.",
  ],
  "logged-late": [
    "Your request came into the log after the list was closed.",
    "دخل طلبك السجل بعد إغلاق القائمة.",
  ],
  fork: [
    "The log that your receipt shows is another one than the draw's. Show both to a witness: somebody keeps two logs.",
    "السجل في إيصالك غير سجل القرعة. اعرض الاثنين على شاهد: هناك من يحتفظ بسجلّين.",
  ],
  "other-place": [
    "The appointment of your receipt is not the one that the result fixed.",
    "الموعد في إيصالك غير الذي ثبّتته النتيجة.",
  ],
  "served-differs": [
    "List and receipt do not agree on whether you got an appointment.",
    "القائمة والإيصال لا يتفقان على نيلك موعدًا.",
  ],
  "not-asked-for": [
    "The appointment of your receipt is not one that you asked for.",
    "الموعد في إيصالك ليس مما طلبته.",
  ],
};
